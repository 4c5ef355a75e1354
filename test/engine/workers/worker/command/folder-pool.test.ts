import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
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
const FOUND = ['a', 'a/b', 'a/file', 'c'];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vmfdag-pool-'));
  let count = 0;
  pool = new FolderPool(() => join(root, String(count++)), 'a/file');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const contentsOf = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();

describe('a pool of folders', () => {
  it('gives one that was left as it was at a new path', () => {
    const first = pool.take(INNER, 'text');
    expect(contentsOf(first.path)).toEqual(FOUND);
    expect(pool.giveBack(first)).toBe(true);
    const second = pool.take(INNER, 'text');
    expect(second.path).not.toBe(first.path);
    expect(existsSync(first.path)).toBe(false);
    expect(contentsOf(second.path)).toEqual(FOUND);
    expect(pool.take(INNER, 'text').path).not.toBe(second.path);
  });

  it('gives the file its new text, whatever somebody has written there', () => {
    const first = pool.take(INNER, 'a long text');
    expect(readFileSync(join(first.path, 'a/file'), 'utf8')).toBe('a long text');
    chmodSync(join(first.path, 'a/file'), 0o644);
    writeFileSync(join(first.path, 'a/file'), 'changed!!!!');
    chmodSync(join(first.path, 'a/file'), 0o444);
    expect(pool.giveBack(first)).toBe(true);
    expect(readFileSync(join(pool.take(INNER, 'short').path, 'a/file'), 'utf8')).toBe('short');
  });

  it('tells them apart by what is in them', () => {
    pool.giveBack(pool.take(INNER, 'text'));
    expect(contentsOf(pool.take(['a', 'c'], 'text').path)).toEqual(['a', 'a/file', 'c']);
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
    [
      'more in its file',
      (path) => {
        chmodSync(join(path, 'a/file'), 0o644);
        appendFileSync(join(path, 'a/file'), 'more');
        chmodSync(join(path, 'a/file'), 0o444);
      },
    ],
    ['no file', (path) => rmSync(join(path, 'a/file'))],
    ['a file that can be written', (path) => chmodSync(join(path, 'a/file'), 0o644)],
    [
      'another file in its place',
      (path) => {
        renameSync(join(path, 'a/file'), join(root, 'own'));
        writeFileSync(join(path, 'a/file'), 'text', { mode: 0o444 });
      },
    ],
    ['a file that has another name elsewhere', (path) => linkSync(join(path, 'a/file'), join(root, 'link'))],
    [
      'a link in place of the file',
      (path) => {
        renameSync(join(path, 'a/file'), join(root, 'moved'));
        symlinkSync(join(root, 'moved'), join(path, 'a/file'));
      },
    ],
    ['nothing, where it was removed', (path) => rmSync(path, { recursive: true })],
  ];
  it.each(changes)('does not take back one with %s', (_name, change) => {
    const taken = pool.take(INNER, 'text');
    change(taken.path);
    expect(pool.giveBack(taken)).toBe(false);
    expect(contentsOf(pool.take(INNER, 'text').path)).toEqual(FOUND);
  });

  it('removes what it has', () => {
    const taken = pool.take(INNER, 'text');
    pool.giveBack(pool.take(INNER, 'text'));
    pool.removeAll();
    expect(readdirSync(root)).toEqual([taken.path.slice(root.length + 1)]);
  });
});
