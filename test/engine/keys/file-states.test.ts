import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { areSettled, FileStates, isBefore } from '../../../src/engine/keys/file-states.ts';
import { temporaryProject, writeFiles } from './project.ts';

const SECOND = 1_000_000_000n;

describe('isBefore', () => {
  it.each([
    ['long before', 100n * SECOND + 1n, 101_000, true],
    ['within the lag of the clock', 101n * SECOND - 5_000_000n, 101_000, false],
    ['after', 101n * SECOND + 1n, 101_000, false],
    ['in whole seconds, in the second before', 100n * SECOND, 101_000, false],
    ['in whole seconds, and the file may be written once more in the same one', 100n * SECOND, 100_900, false],
    ['in whole seconds, three seconds before', 98n * SECOND, 101_000, true],
  ])('%s', (_, changed, since, before) => {
    expect(isBefore(changed, since)).toBe(before);
  });
});

describe('areSettled', () => {
  it('looks at links and at what they lead to', async () => {
    const root = temporaryProject({ 'a.txt': '1', 'b.txt': '2' });
    symlinkSync('a.txt', join(root, 'link'));
    await sleep(60);
    const since = Date.now();
    expect(areSettled([join(root, 'link'), join(root, 'b.txt'), join(root, 'nothing')], since)).toBe(true);
    writeFiles(root, { 'a.txt': '3' });
    expect(areSettled([join(root, 'b.txt')], since)).toBe(true);
    expect(areSettled([join(root, 'link')], since)).toBe(false);
  });
});

describe('FileStates', () => {
  it('tells what a folder holds, with folders and the targets of links', () => {
    const root = temporaryProject({ 'a.txt': '1', 'folder/b.txt': '2' });
    symlinkSync('folder', join(root, 'link'));
    symlinkSync('nowhere', join(root, 'dangling'));
    mkdirSync(join(root, 'empty'));
    const states = new FileStates();
    expect(states.entries(root)).toEqual(['a.txt', 'dangling → absent', 'empty/', 'folder/', `link → ${root}/folder`]);
    expect(states.entries(join(root, 'empty'))).toEqual([]);
    expect(states.entries(join(root, 'nothing'))).toEqual([]);
  });
});
