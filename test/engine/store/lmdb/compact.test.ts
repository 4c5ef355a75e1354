import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compactStore } from '../../../../src/engine/store/lmdb/compact.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { verifyStore } from '../../../../src/engine/store/verify.ts';
import { commitOf, content, temporaryFolder, temporaryStore } from '../fixtures.ts';

/** A cache that has evicted nine of ten large artefacts. */
async function sparse(folder: string) {
  const store = openStore(folder);
  const commits = Array.from({ length: 10 }, (_, index) => commitOf(`n/${index}`, { out: content(500_000, index) }));
  for (const commit of commits) await store.commit(commit);
  await store.dropArtefacts(commits.slice(1).flatMap(({ artefacts }) => [...artefacts.keys()]));
  return { store, commits };
}

describe('compaction', () => {
  it('gives freed space back, keeps everything, and can be done again', async () => {
    const folder = temporaryFolder();
    const { store, commits } = await sparse(folder);
    const before = verifyStore(store).checked;
    const { bytesBefore, bytesAfter } = await compactStore(store, folder);
    expect(bytesBefore).toBeGreaterThan(5_000_000);
    expect(bytesAfter).toBeLessThan(1_000_000);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['generation', 'generation-1']);

    const compacted = openStore(folder);
    expect(verifyStore(compacted)).toEqual({ checked: before, damage: [] });
    await compacted.commit(commitOf('later', { out: content(10) }));
    await compactStore(compacted, folder);
    await compacted.close();
    expect(readdirSync(folder).sort()).toEqual(['generation', 'generation-2']);
    const again = temporaryStore(folder);
    expect(again.record(commits[3]?.record.key as never)?.node).toBe('n/3');
    expect([...again.records()].some(({ node }) => node === 'later')).toBe(true);
  });

  it('leaves those who read the old file with the old file, and tells them', async () => {
    const folder = temporaryFolder();
    const { store, commits } = await sparse(folder);
    const reader = temporaryStore(folder);
    expect([store.isCurrent(), reader.isCurrent()]).toEqual([true, true]);
    await compactStore(store, folder);
    await store.close();
    const [digest] = commits[0]?.artefacts.keys() ?? [];
    expect(reader.artefact(digest as never)).toEqual(content(500_000, 0));
    expect(reader.isCurrent()).toBe(false);
    expect(temporaryStore(folder).isCurrent()).toBe(true);
  });

  it('clears away what a killed one left', async () => {
    const folder = temporaryFolder();
    const { store } = await sparse(folder);
    mkdirSync(join(folder, 'generation-1.part'));
    writeFileSync(join(folder, 'generation-1.part', 'data.mdb'), 'half');
    mkdirSync(join(folder, 'generation-7'));
    await compactStore(store, folder);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['generation', 'generation-1']);
  });

  it('leaves the old file in place when the copy cannot be written', async () => {
    const folder = temporaryFolder();
    const { store } = await sparse(folder);
    const broken = {
      ...store,
      copyTo: () => Promise.reject(Object.assign(new Error('No space left on device'), { code: 'ENOSPC' })),
    };
    await expect(compactStore(broken, folder)).rejects.toThrow(
      `cannot compact the cache in ${folder} (No space left on device)\n  fix: the disk is full: free some space and run again; nothing finished is lost`,
    );
    expect(existsSync(join(folder, 'generation-1.part'))).toBe(false);
    expect(store.isCurrent()).toBe(true);
    await store.close();
  });
});
