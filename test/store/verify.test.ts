import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtefactDigest } from '../../src/base/digest.ts';
import { codeFingerprint } from '../../src/keys/bundle-cache.ts';
import { openStore } from '../../src/store/lmdb/lmdb-store.ts';
import { quarantineDamage, verifyStore } from '../../src/store/verify.ts';
import { commitOf, content, temporaryFolder, temporaryStore } from './fixtures.ts';
import { flipBit, tamper } from './tamper.ts';

const code = { text: 'export default 1;', sourceMap: '{}', packages: { imported: {}, packages: [] } };
const fingerprint = codeFingerprint(code.text, code.packages);

/** A cache of three nodes and one bundle. */
async function cache() {
  const folder = temporaryFolder();
  const store = openStore(folder);
  const commits = [1, 2, 3].map((epoch) => commitOf(`train/${epoch}`, { weights: content(5000, epoch) }));
  for (const commit of commits) await store.commit(commit);
  await store.bundles.put({
    code: { fingerprint, ...code },
    stamp: { name: 'train', sources: { files: [], folders: [] }, packages: code.packages },
    packages: new Map(),
  });
  await store.close();
  const digests = commits.flatMap(({ artefacts }) => [...artefacts.keys()]);
  const keys = commits.map(({ record }) => record.key);
  return { folder, commits, digests, keys };
}

describe('verification', () => {
  it('finds nothing in a sound cache', async () => {
    const { folder } = await cache();
    expect(verifyStore(temporaryStore(folder))).toEqual({
      checked: { artefacts: 3, bytes: 15000, records: 3, bundles: 1 },
      damage: [],
    });
  });

  it('finds any bit of an artefact that is not what it was, and sets it aside with the trace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(4999), async (which, byte) => {
        const { folder, digests, keys } = await cache();
        const [digest, key] = [digests[which] as ArtefactDigest, keys[which] as (typeof keys)[0]];
        await flipBit(folder, 'artefacts', digest, byte);
        const store = temporaryStore(folder);
        const { damage } = verifyStore(store);
        expect(damage).toEqual([{ kind: 'artefact', digest, bytes: 5000, nodes: [`train/${which + 1}`] }]);
        await quarantineDamage(store, damage);
        expect(verifyStore(store).damage).toEqual([]);
        expect(store.hasArtefact(digest)).toBe(false);
        expect([...store.inspection.quarantined()]).toEqual([{ digest, bytes: 5000 }]);
        expect(keys.map((each) => store.trace(each) !== undefined)).toEqual(keys.map((each) => each !== key));
        expect(store.record(key)?.node).toBe(`train/${which + 1}`);
      }),
      { numRuns: 10 },
    );
  });

  it('finds records that cannot be read or stand under another key, and traces that say something else', async () => {
    const { folder, keys } = await cache();
    const [first, second, third] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
    await flipBit(folder, 'records', first, 0);
    await tamper(folder, 'records', (table) => {
      table.putSync(Buffer.from(second, 'hex'), table.get(Buffer.from(third, 'hex')) as Buffer);
    });
    await flipBit(folder, 'traces', third, 20);
    const store = temporaryStore(folder);
    const { damage } = verifyStore(store);
    expect(new Set(damage)).toEqual(
      new Set([
        { kind: 'record', key: first },
        { kind: 'record', key: second },
        { kind: 'trace', key: third, node: 'train/3' },
      ]),
    );
    expect(store.record(first)).toBeUndefined();
    await quarantineDamage(store, damage);
    expect(verifyStore(store).damage).toEqual([]);
    expect(keys.map((key) => store.trace(key))).toEqual([undefined, undefined, undefined]);
  });

  it('finds a trace without a record, and one that is cut short', async () => {
    const { folder, keys } = await cache();
    const [first, second] = keys as [(typeof keys)[0], (typeof keys)[0]];
    await tamper(folder, 'records', (table) => table.removeSync(Buffer.from(first, 'hex')));
    await tamper(folder, 'traces', (table) => table.putSync(Buffer.from(second, 'hex'), Buffer.alloc(30)));
    const store = temporaryStore(folder);
    expect(new Set(verifyStore(store).damage)).toEqual(
      new Set([
        { kind: 'trace', key: first, node: null },
        { kind: 'trace', key: second, node: 'train/2' },
      ]),
    );
  });

  it('finds code that is not what its fingerprint was made from; without it, the stage is bundled anew', async () => {
    const { folder } = await cache();
    await tamper(folder, 'code', (table) => {
      const text = (table.get(Buffer.from(fingerprint, 'hex')) as Buffer).toString().replace('default 1', 'default 2');
      table.putSync(Buffer.from(fingerprint, 'hex'), Buffer.from(text));
    });
    const store = temporaryStore(folder);
    expect(store.bundles.code(fingerprint)).toBeUndefined();
    expect(store.bundles.stamp('train')).toBeDefined();
    const { damage } = verifyStore(store);
    expect(damage).toEqual([{ kind: 'code', fingerprint }]);
    await quarantineDamage(store, damage);
    expect(store.bundles.stamp('train')).toBeUndefined();
    expect(verifyStore(store)).toMatchObject({ checked: { bundles: 0 }, damage: [] });
  });
});
