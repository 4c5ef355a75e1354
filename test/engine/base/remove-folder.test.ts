import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder } from '../../../src/engine/base/remove-folder.ts';

describe('removeFolder', () => {
  it('removes folders without rights, and nothing that links lead to', () => {
    const place = mkdtempSync(join(tmpdir(), 'vmfdag-remove-'));
    const folder = join(place, 'made');
    mkdirSync(join(folder, 'a/b/c'), { recursive: true });
    writeFileSync(join(folder, 'a/b/c/file'), '1');
    mkdirSync(join(place, 'other'), { mode: 0o755 });
    writeFileSync(join(place, 'other/file'), 'kept');
    symlinkSync('../../other', join(folder, 'a/link'));
    for (const [path, mode] of [
      ['a/b/c', 0o500],
      ['a/b', 0],
      ['a', 0o555],
      ['.', 0o400],
    ] as const)
      chmodSync(join(folder, path), mode);
    removeFolder(folder);
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(join(place, 'other/file'), 'utf8')).toBe('kept');
    expect(statSync(join(place, 'other')).mode & 0o777).toBe(0o755);
    removeFolder(folder);
    removeFolder(place);
  });
});
