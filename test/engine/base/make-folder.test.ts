import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../src/engine/base/make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-make-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeFolder', () => {
  it('makes what is not there, behind links too', () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    makeFolder(join(folder, 'link/a/b'));
    makeFolder(join(folder, 'link/a/b'));
    expect(statSync(join(folder, 'real/a/b')).isDirectory()).toBe(true);
  });

  it('says what is in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nothing', join(folder, 'broken'));
    for (const path of ['file', 'file/a', 'broken', 'broken/a']) expect(() => makeFolder(join(folder, path))).toThrow();
  });

  it.runIf(process.platform === 'linux')('comes to an end where the system has no place for folders', () => {
    expect(() => makeFolder('/proc/vmfdag/a')).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
