import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LockCall, lockByAddon, lockByPerl } from '../../../../src/engine/store/lock/system-lock.ts';
import { temporaryFolder } from '../fixtures.ts';

const calls: Readonly<Record<string, LockCall | undefined>> = { addon: lockByAddon(), Perl: lockByPerl };
const pairs = Object.keys(calls).flatMap((first) => Object.keys(calls).map((second) => [first, second] as const));

function openFile(path: string, flags: 'a+' | 'r' = 'a+'): { readonly descriptor: number; close(): void } {
  const descriptor = openSync(path, flags);
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  onTestFinished(close);
  return { descriptor, close };
}

function callOf(name: string): LockCall {
  const call = calls[name];
  if (!call) throw new Error(`there is no ${name} on this system`);
  return call;
}

describe.each(pairs)('a lock that was taken by the %s', (first, second) => {
  it(`keeps out who asks by the ${second}, until its file is closed`, () => {
    const path = join(temporaryFolder(), 'lock');
    const [mine, other] = [openFile(path), openFile(path)];
    expect(callOf(first)(mine.descriptor, 'exclusive')).toBe('locked');
    expect(callOf(second)(other.descriptor, 'exclusive')).toBe('held by another');
    expect(callOf(second)(openFile(path, 'r').descriptor, 'shared')).toBe('held by another');
    // Another open file of the same process is closed: locks of the older kind would end with it.
    openFile(path).close();
    expect(callOf(second)(other.descriptor, 'exclusive')).toBe('held by another');
    mine.close();
    expect(callOf(second)(openFile(path, 'r').descriptor, 'shared')).toBe('locked');
  });
});
