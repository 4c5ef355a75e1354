import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonValue } from '../../src/base/json.ts';
import { acquireLease, type LeaseHolder, releaseLease, thisProcess } from '../../src/run/lease.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryStore } from '../store/fixtures.ts';

const me = thisProcess('vmfdag run');

function holderOf(store: Store): JsonValue | undefined {
  let found: JsonValue | undefined;
  store.exchangeLease((current) => {
    found = current;
    return current;
  });
  return found;
}

const hold = (store: Store, holder: LeaseHolder) => store.exchangeLease(() => ({ ...holder }));

/** A lease that another process has: one that lives until it is ended. */
async function otherProcess(): Promise<{ holder: LeaseHolder; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
  const ended = once(child, 'exit');
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(end);
  await once(child.stdout, 'data');
  const pid = child.pid as number;
  return { holder: { ...me, pid, processStart: 'unknown', command: 'vmfdag run --jobs 2' }, end };
}

describe('the lease', () => {
  it('is taken where nobody has it, and given back', () => {
    const store = temporaryStore();
    expect(acquireLease(store, me)).toEqual({ kind: 'acquired' });
    expect(holderOf(store)).toEqual(me);
    releaseLease(store, me);
    expect(holderOf(store)).toBeUndefined();
  });

  it('is held by a process that lives', () => {
    const store = temporaryStore();
    acquireLease(store, me);
    const another = { ...me, pid: me.pid + 1 };
    expect(acquireLease(store, another)).toEqual({ kind: 'held', by: me });
    expect(holderOf(store)).toEqual(me);
  });

  it('does not pass to a later process of the same number', () => {
    const store = temporaryStore();
    hold(store, { ...me, processStart: 'long before' });
    const another = { ...me, pid: me.pid + 1 };
    expect(acquireLease(store, another)).toEqual({ kind: 'acquired' });
    expect(holderOf(store)).toEqual(another);
  });

  it('is held as long as a process lives whose start was not known, and not a moment longer', async () => {
    const store = temporaryStore();
    const { holder, end } = await otherProcess();
    hold(store, holder);
    expect(acquireLease(store, me)).toEqual({ kind: 'held', by: holder });
    await end();
    expect(acquireLease(store, me)).toEqual({ kind: 'acquired' });
    expect(holderOf(store)).toEqual(me);
  });

  it('of an earlier process with this number is taken over', () => {
    const store = temporaryStore();
    hold(store, { ...me, processStart: 'long before' });
    expect(acquireLease(store, me)).toEqual({ kind: 'acquired' });
    expect(holderOf(store)).toEqual(me);
  });

  it('is not given back by one that does not have it', () => {
    const store = temporaryStore();
    for (const other of [
      { ...me, pid: me.pid + 1 },
      { ...me, processStart: 'long before' },
    ]) {
      hold(store, other);
      releaseLease(store, me);
      expect(holderOf(store)).toEqual(other);
    }
  });

  it('names the process, its start and what it does', () => {
    expect(me).toMatchObject({ pid: process.pid, command: 'vmfdag run' });
    expect(me.processStart).not.toBe('unknown');
    expect(thisProcess('again').processStart).toBe(me.processStart);
    expect(Math.abs(Date.parse(me.since) - Date.now())).toBeLessThan(60_000);
  });
});
