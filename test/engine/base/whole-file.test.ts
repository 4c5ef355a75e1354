import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeWholeFile } from '../../../src/engine/base/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-whole-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeWholeFile', () => {
  it('makes the folder, replaces what was there, and leaves nothing else', () => {
    const file = join(folder, 'a/b/file.txt');
    writeWholeFile(file, 'first');
    writeWholeFile(file, new TextEncoder().encode('second'));
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.txt']);
  });

  it('leaves no part of a file behind when it cannot be put in its place', () => {
    mkdirSync(join(folder, 'taken/inside'), { recursive: true });
    expect(() => writeWholeFile(join(folder, 'taken'), 'text')).toThrow();
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
