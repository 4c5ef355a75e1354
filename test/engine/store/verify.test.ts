import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { codeFingerprint } from '../../../src/engine/keys/bundle-cache.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { quarantineDamage, verifyStore } from '../../../src/engine/store/verify.ts';
import { commitOf, content, temporaryFolder, temporaryStore } from './fixtures.ts';
import { flipBit, tamper } from './tamper.ts';

const code = {
  kind: 'module' as const,
  text: 'export default 1;',
  sourceMap: '{}',
  packages: { imported: {}, packages: [] },
};
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

/** Of every table that carries seals or sums, what a short life fills it with. */
async function livedIn() {
  const { folder, commits, keys } = await cache();
  const store = openStore(folder);
  const manifest = { params: {}, code: {}, targets: [], nodes: [] };
  await store.putManifest('run 1', manifest, [
    { node: 0, attempt: 1, worker: 1, start: 0, end: 1, seconds: 1, outcome: 'executed' },
  ]);
  await store.putRun({
    id: 'run 1',
    startedAt: '2026-01-02T03:04:05.678Z',
    command: ['run'],
    profile: null,
    targets: [],
    state: 'done',
    seconds: 1,
    counts: {},
  });
  await store.confirm('request', { run: 'run 1', nodes: 3, files: [], software: [] }, store.revision());
  await store.close();
  return { folder, commits, keys };
}

const SUMMED = [
  'traces',
  'records',
  'lastKeys',
  'runs',
  'manifests',
  'resolutions',
  'journals',
  'stamps',
  'code',
  'notes',
];

describe('verification', () => {
  it.each(SUMMED)(
    'finds any bit of the table %s that is not what it was; what is read is as if it were not there',
    async (name) => {
      const { folder, keys } = await livedIn();
      let changed: Buffer | undefined;
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (which, byte, bit) => {
          let key: Buffer = Buffer.alloc(0);
          await tamper(folder, name, (table) => {
            // Of the notes, those that opening the store does not write again.
            const all = [...table.getKeys()]
              .map((each) => Buffer.from(each))
              .filter((each) => each.toString() !== 'tables');
            key = all[which % all.length] as Buffer;
            changed = Buffer.from(table.get(key) as Buffer);
            const damaged = Buffer.from(changed);
            damaged.writeUInt8(damaged.readUInt8(byte % damaged.length) ^ (1 << bit), byte % damaged.length);
            table.putSync(key, damaged);
          });
          const store = openStore(folder);
          expect(verifyStore(store).damage.length).toBeGreaterThan(0);
          const read = {
            traces: () => keys.every((each) => store.trace(each)),
            records: () => keys.every((each) => store.record(each)),
            lastKeys: () => [1, 2, 3].every((epoch) => store.lastKey(`train/${epoch}` as never)),
            runs: () => [...store.runs()].length > 0,
            manifests: () => store.manifest('run 1'),
            resolutions: () => store.manifest('run 1'),
            journals: () => store.journal('run 1').length > 0,
            stamps: () => store.bundles.stamp('train'),
            code: () => store.bundles.code(fingerprint),
            notes: () => store.confirmation('request'),
          }[name];
          expect(read?.()).toBeFalsy();
          await store.close();
          await tamper(folder, name, (table) => void table.putSync(key, changed as Buffer));
        }),
        { numRuns: 5 },
      );
      const store = openStore(folder);
      expect(verifyStore(store).damage).toEqual([]);
      await store.close();
    },
  );

  it('takes every damaged value out of use', async () => {
    const { folder } = await livedIn();
    for (const name of SUMMED) {
      await tamper(folder, name, (table) => {
        for (const key of [...table.getKeys()].map((each) => Buffer.from(each))) {
          const bytes = Buffer.from(table.get(key) as Buffer);
          bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 4, bytes.length - 1);
          table.putSync(key, bytes);
        }
      });
    }
    const store = temporaryStore(folder);
    const { damage } = verifyStore(store);
    expect(new Set(damage.map(({ kind }) => kind))).toEqual(new Set(['record', 'code', 'entry']));
    await quarantineDamage(store, damage);
    expect(verifyStore(store).damage).toEqual([]);
  });

  it('finds a value that is stored under the key of another one', async () => {
    const { folder, keys } = await livedIn();
    const [first, second] = keys.map((key) => Buffer.from(key, 'hex')) as [Buffer, Buffer];
    for (const name of ['traces', 'records']) {
      await tamper(folder, name, (table) => void table.putSync(second, Buffer.from(table.get(first) as Buffer)));
    }
    const store = temporaryStore(folder);
    expect(store.trace(keys[1] as never)).toBeUndefined();
    expect(verifyStore(store).damage).toEqual([{ kind: 'record', key: keys[1] }]);
  });

  it('finds nothing in a sound cache', async () => {
    const { folder } = await cache();
    expect(verifyStore(temporaryStore(folder))).toEqual({
      checked: { artefacts: 3, bytes: 15000, records: 3, bundles: 1 },
      damage: [],
    });
  });

  it('finds any changed bit of an artefact, and quarantines the artefact and its trace', async () => {
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

  it('finds code that does not match its fingerprint, and removes it with its stamp, so that the stage is bundled again', async () => {
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
