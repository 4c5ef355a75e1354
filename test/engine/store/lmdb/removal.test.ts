import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf, content, temporaryFolder, temporaryStore } from '../fixtures.ts';

const removed = (folder: string) =>
  `the cache in ${folder} was removed while a run was at work on it\n  fix: run again, with a cache in a folder that nothing else removes`;

it('a store whose folder is removed says so instead of writing what nobody can read', async () => {
  const folder = join(temporaryFolder(), 'cache');
  const store = temporaryStore(folder);
  await store.commit(commitOf('train/1', { weights: content(100) }));
  store.checkPresence();
  rmSync(folder, { recursive: true });
  expect(() => store.checkPresence()).toThrow(removed(folder));
  await expect(store.commit(commitOf('train/2', { weights: content(101) }))).rejects.toThrow(removed(folder));
});

it('another store in its place is not taken for it', async () => {
  const folder = join(temporaryFolder(), 'cache');
  const store = temporaryStore(folder);
  renameSync(folder, `${folder}-aside`);
  mkdirSync(folder);
  temporaryStore(folder);
  expect(() => store.checkPresence()).toThrow(removed(folder));
});

it('a store that has to be there is not made', async () => {
  const folder = join(temporaryFolder(), 'cache');
  expect(() => openStore(folder, 'existing')).toThrow(removed(folder));
  temporaryStore(folder);
  const store = openStore(folder, 'existing');
  expect(store.statistics().records).toBe(0);
  await store.close();
});
