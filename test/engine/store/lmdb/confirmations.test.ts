import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { InspectableStore } from '../../../../src/engine/store/inspection.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import type { Confirmation } from '../../../../src/engine/store/store.ts';
import { commitOf, content, recordOf, temporaryFolder, temporaryStore } from '../fixtures.ts';

const digest = digestBytes<ArtefactDigest>('figure');
const figure = { path: 'fig5.svg', digest, node: 'plot' as NodeId, output: 'svg', key: digestBytes<NodeKey>('key') };
const confirmation: Confirmation = { run: 'run 1', nodes: 7, files: [figure], software: [] };

/** A store with a run that has a manifest, as every confirmation refers to one. */
async function storeWithRun(folder = temporaryFolder()): Promise<InspectableStore> {
  const store = temporaryStore(folder);
  await store.putManifest('run 1', { params: {}, code: {}, targets: [], nodes: [] }, []);
  return store;
}

/** Confirms a request, does something, and tells whether the request is still confirmed. */
async function survives(change: (store: InspectableStore) => Promise<unknown>): Promise<boolean> {
  const store = await storeWithRun();
  await store.commit(commitOf('plot', { svg: content(100) }));
  await store.confirm('request', confirmation, store.revision());
  expect(store.confirmation('request')).toEqual(confirmation);
  await change(store);
  return store.confirmation('request') !== undefined;
}

describe('a confirmation', () => {
  it('is there for its request, also after the store was opened again, and for no other', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    await store.putManifest('run 1', { params: {}, code: {}, targets: [], nodes: [] }, []);
    await store.confirm('request', confirmation, store.revision());
    await store.close();
    const reopened = temporaryStore(folder);
    expect(reopened.confirmation('request')).toEqual(confirmation);
    expect(reopened.confirmation('another')).toBeUndefined();
  });

  it('outlives new results, evicted bytes, and what runs write about themselves', async () => {
    expect(await survives((store) => store.commit(commitOf('train/1', { weights: content(10) })))).toBe(true);
    expect(
      await survives((store) => store.putManifest('run 2', { params: {}, code: {}, targets: [], nodes: [] }, [])),
    ).toBe(true);
    expect(await survives((store) => store.putDurations({ train: 1 }))).toBe(true);
    // Evicted bytes leave the node up to date.
    expect(await survives((store) => store.dropArtefacts([digestBytes<ArtefactDigest>(content(100))]))).toBe(true);
    expect(await survives((store) => store.commit(commitOf('plot', { svg: content(100) })))).toBe(true);
  });

  it('ends with a result that is removed, quarantined or replaced', async () => {
    const { key } = recordOf('plot');
    expect(await survives((store) => store.inspection.removeResults([key], 'records and traces'))).toBe(false);
    expect(await survives((store) => store.inspection.removeResults([key], 'traces'))).toBe(false);
    expect(await survives((store) => store.quarantine(digestBytes<ArtefactDigest>(content(100))))).toBe(false);
    expect(await survives((store) => store.commit(commitOf('plot', { svg: content(100, 1) })))).toBe(false);
  });

  it('ends with the record of its run', async () => {
    expect(await survives((store) => store.forgetRun('run 1'))).toBe(false);
  });

  it('is not kept if a result was removed since it was checked', async () => {
    const store = await storeWithRun();
    const before = store.revision();
    await store.inspection.removeResults([recordOf('plot').key], 'traces');
    expect(store.revision()).toBeGreaterThan(before);
    await store.confirm('request', confirmation, before);
    expect(store.confirmation('request')).toBeUndefined();
  });

  it('is seen by other processes, and ended by them', async () => {
    const folder = temporaryFolder();
    const [mine, theirs] = [await storeWithRun(folder), temporaryStore(folder)];
    await mine.confirm('request', confirmation, mine.revision());
    theirs.refresh();
    expect(theirs.confirmation('request')).toEqual(confirmation);
    await theirs.inspection.removeResults([recordOf('plot').key], 'traces');
    mine.refresh();
    expect(mine.confirmation('request')).toBeUndefined();
  });

  it('is removed when many later ones are kept', async () => {
    const store = await storeWithRun();
    for (let i = 0; i < 40; i++) await store.confirm(`request ${i}`, confirmation, store.revision());
    expect(store.confirmation('request 0')).toBeUndefined();
    expect(store.confirmation('request 39')).toEqual(confirmation);
  });
});
