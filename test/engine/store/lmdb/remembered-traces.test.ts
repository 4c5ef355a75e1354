import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../src/engine/base/digest.ts';
import type { InspectableStore } from '../../../../src/engine/store/inspection.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf, content, recordOf, temporaryFolder, temporaryStore } from '../fixtures.ts';

const NODES = ['train/1', 'train/2', 'train/3'];
const KEYS = NODES.map((node) => recordOf(node).key);

async function trained(store: InspectableStore): Promise<InspectableStore> {
  for (const [seed, node] of NODES.entries()) {
    await store.commit(commitOf(node, { weights: content(10, seed), log: content(20, seed) }));
  }
  await store.rememberTraces(new Map([['train', KEYS]]), store.revision());
  return store;
}

describe('traces that are remembered together', () => {
  it('are those under their keys, in their order, also after the store was opened again', async () => {
    const folder = temporaryFolder();
    const store = await trained(openStore(folder));
    const single = KEYS.map((key) => ({ key, ...store.trace(key) }));
    expect(store.traces('train')).toEqual(single);
    await store.close();
    const reopened = temporaryStore(folder);
    expect(reopened.traces('train')).toEqual(single);
    expect(reopened.traces('sample')).toBeUndefined();
  });

  it('outlive new results and evicted bytes, and end with any result that is removed, quarantined or replaced', async () => {
    const isKept = async (change: (store: InspectableStore) => Promise<unknown>) => {
      const store = await trained(temporaryStore(temporaryFolder()));
      await change(store);
      return store.traces('train') !== undefined;
    };
    const weights = digestBytes<ArtefactDigest>(content(10, 1));
    const [key] = KEYS as [(typeof KEYS)[number]];
    expect(await isKept((store) => store.commit(commitOf('plot', { svg: content(100) })))).toBe(true);
    expect(await isKept((store) => store.dropArtefacts([weights]))).toBe(true);
    expect(await isKept((store) => store.inspection.removeResults([key], 'records and traces'))).toBe(false);
    expect(await isKept((store) => store.inspection.removeResults([key], 'traces'))).toBe(false);
    expect(await isKept((store) => store.quarantine(weights))).toBe(false);
    const other = commitOf('train/1', { weights: content(10, 9), log: content(20, 9) });
    expect(await isKept((store) => store.commit(other))).toBe(false);
  });

  it('are not remembered where one is missing, or was removed since they were looked at', async () => {
    const store = await trained(temporaryStore(temporaryFolder()));
    const before = store.revision();
    await store.rememberTraces(new Map([['more', [...KEYS, recordOf('plot').key]]]), before);
    expect(store.traces('more')).toBeUndefined();
    await store.inspection.removeResults([recordOf('plot').key], 'traces');
    await store.rememberTraces(new Map([['again', KEYS]]), before);
    expect(store.traces('again')).toBeUndefined();
  });

  it('make room for others', async () => {
    const store = await trained(temporaryStore(temporaryFolder()));
    const names = Array.from({ length: 100 }, (_, index) => `list ${index}`);
    for (const name of names) await store.rememberTraces(new Map([[name, KEYS]]), store.revision());
    const kept = names.filter((name) => store.traces(name) !== undefined);
    expect(kept.at(-1)).toBe('list 99');
    expect(kept.length).toBeLessThan(50);
  });
});
