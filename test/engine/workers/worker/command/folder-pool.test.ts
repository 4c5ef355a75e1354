import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderPool } from '../../../../../src/engine/workers/worker/command/folder-pool.ts';

let root: string;
let pool: FolderPool;
const INNER = ['a', 'a/b', 'c'];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vmfdag-pool-'));
  let count = 0;
  pool = new FolderPool(() => join(root, String(count++)));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const contentsOf = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();

describe('a pool of folders', () => {
  it('gives one that was left as it was at a new path', () => {
    const first = pool.take(INNER);
    expect(contentsOf(first.path)).toEqual(INNER);
    expect(pool.giveBack(first)).toBe(true);
    const second = pool.take(INNER);
    expect(second.path).not.toBe(first.path);
    expect(existsSync(first.path)).toBe(false);
    expect(contentsOf(second.path)).toEqual(INNER);
    expect(pool.take(INNER).path).not.toBe(second.path);
  });

  it('tells them apart by what is in them', () => {
    pool.giveBack(pool.take(INNER));
    expect(contentsOf(pool.take(['c']).path)).toEqual(['c']);
  });

  const changes: readonly (readonly [string, (path: string) => void])[] = [
    ['a file', (path) => writeFileSync(join(path, 'x'), '')],
    ['a hidden file further down', (path) => writeFileSync(join(path, 'a/b/.x'), '')],
    ['a folder', (path) => mkdirSync(join(path, 'c/x'))],
    ['a missing folder', (path) => rmdirSync(join(path, 'c'))],
    ['other rights', (path) => chmodSync(join(path, 'a'), 0o700)],
    ['other rights of its own', (path) => chmodSync(path, 0o1755)],
    [
      'a file in place of a folder',
      (path) => {
        rmdirSync(join(path, 'c'));
        writeFileSync(join(path, 'c'), '');
      },
    ],
    [
      'a link in place of a folder',
      (path) => {
        rmdirSync(join(path, 'c'));
        mkdirSync(join(root, 'elsewhere'), { recursive: true });
        symlinkSync(join(root, 'elsewhere'), join(path, 'c'));
      },
    ],
    ['nothing, where it was removed', (path) => rmSync(path, { recursive: true })],
  ];
  it.each(changes)('does not take back one with %s', (_name, change) => {
    const taken = pool.take(INNER);
    change(taken.path);
    expect(pool.giveBack(taken)).toBe(false);
    expect(contentsOf(pool.take(INNER).path)).toEqual(INNER);
  });

  it('removes what it has', () => {
    const taken = pool.take(INNER);
    pool.giveBack(pool.take(INNER));
    pool.remove();
    expect(readdirSync(root)).toEqual([taken.path.slice(root.length + 1)]);
  });
});
