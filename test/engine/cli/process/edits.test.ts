import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Edits } from '../../../../src/engine/cli/process/edits.ts';
import { temporaryFolder } from '../../../e2e/support/folders.ts';

const opened: Edits[] = [];
afterEach(() => {
  for (const edits of opened.splice(0)) edits.close();
});

function watched(root: string, paths: readonly string[]): Edits {
  const edits = new Edits();
  opened.push(edits);
  edits.watch(paths.map((path) => join(root, path)));
  return edits;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Whether an edit is told, which is acknowledged then. */
async function isTold(edits: Edits, withinMs = 30_000): Promise<boolean> {
  const given = new AbortController();
  const late = wait(withinMs, false, { signal: given.signal }).catch(() => false);
  const found = await Promise.race([edits.next().then(() => true), late]);
  given.abort();
  edits.take();
  return found;
}

describe('edits', () => {
  it('are told of a file, of what comes into a folder, and of nothing else', async () => {
    const root = temporaryFolder();
    write(join(root, 'a.txt'), '1');
    write(join(root, 'b.txt'), '1');
    mkdirSync(join(root, 'deep/empty'), { recursive: true });
    const edits = watched(root, ['a.txt', 'deep/empty', 'missing/c.txt']);
    write(join(root, 'b.txt'), '22');
    expect(await isTold(edits, 600)).toBe(false);
    for (const path of ['a.txt', 'deep/empty/new.txt', 'missing/c.txt']) {
      write(join(root, path), '333');
      expect([path, await isTold(edits)]).toEqual([path, true]);
    }
  });

  it('are told of a folder that was removed and is back', async () => {
    const root = temporaryFolder();
    write(join(root, 'code/a.txt'), '1');
    const edits = watched(root, ['code/a.txt']);
    rmSync(join(root, 'code'), { recursive: true });
    expect(await isTold(edits)).toBe(true);
    for (const text of ['22', '333']) {
      write(join(root, 'code/a.txt'), text);
      expect([text, await isTold(edits)]).toEqual([text, true]);
    }
  });

  it('are told of what a link leads to, and of a link that leads elsewhere', async () => {
    const root = temporaryFolder();
    for (const folder of ['one', 'two']) write(join(root, `data/${folder}/a.txt`), folder);
    mkdirSync(join(root, 'links'));
    symlinkSync('../data/one', join(root, 'links/folder'));
    symlinkSync('../data/one/a.txt', join(root, 'links/file.txt'));
    const edits = watched(root, ['links/folder/a.txt', 'links/file.txt']);
    write(join(root, 'data/one/a.txt'), 'changed');
    expect(await isTold(edits)).toBe(true);
    symlinkSync('../data/two', join(root, 'links/other'));
    renameSync(join(root, 'links/other'), join(root, 'links/folder'));
    expect(await isTold(edits)).toBe(true);
    write(join(root, 'data/two/a.txt'), 'changed too');
    expect(await isTold(edits)).toBe(true);
  });

  it('are told while something else is written all the time', async () => {
    const root = temporaryFolder();
    write(join(root, 'a.txt'), '1');
    const edits = watched(root, ['a.txt']);
    const busy = setInterval(() => write(join(root, 'log.txt'), String(Math.random())), 20);
    try {
      write(join(root, 'a.txt'), '22');
      expect(await isTold(edits)).toBe(true);
    } finally {
      clearInterval(busy);
    }
  });
});
