import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import { openSharedCache } from '../../../src/engine/shared/open-shared-cache.ts';
import { SharedResults } from '../../../src/engine/shared/shared-results.ts';
import type { Subject } from '../../../src/engine/staleness/subjects.ts';
import type { NodeCommit, Store } from '../../../src/engine/store/store.ts';
import { commitOf, content, recordOf, temporaryFolder, temporaryStore } from '../store/fixtures.ts';
import { file, makeTree } from '../store/trees.ts';

const LARGE = 5 * 1024 * 1024;

function shared(folder: string, store: Store, told: string[] = [], compress = true): SharedResults {
  const settings = { url: pathToFileURL(folder), mode: 'read-write', keys: [], compress } as const;
  return new SharedResults(
    openSharedCache(settings, {}, false, (fact) => told.push(fact)),
    store,
    true,
  );
}

/** What `find` needs of a subject. */
function subjectOf({ record: { key, stage, outputs } }: NodeCommit): Subject {
  const types = Object.fromEntries(Object.entries(outputs).map(([name, { type }]) => [name, type]));
  return { key, node: { stage: { name: stage, outputs: types } } } as unknown as Subject;
}

/** A directory with small files, a large one and a program. */
async function directoryNode(store: Store, name: string): Promise<NodeCommit> {
  const tree = join(temporaryFolder(), 'tree');
  makeTree(tree, [
    ['run.sh', file('echo', true)],
    ['deep/er/large', file(content(LARGE, 3))],
    ['twin', file('echo')],
    ['empty', { kind: 'folder' }],
    ['link', { kind: 'link', target: 'deep/er/large' }],
  ]);
  const taken = await store.files.take(tree, 'directory', false);
  const { digest, bytes } = taken;
  const record = recordOf(name, { outputs: { plots: { type: 'directory', digest, bytes } } });
  return { record, artefacts: new Map([[digest, taken]]) };
}

async function restored(from: SharedResults, node: NodeCommit): Promise<boolean> {
  const { record } = node;
  const found = await from.find(subjectOf(node), { kind: 'record' });
  if (!found) return false;
  const expected = found.outputs;
  const digests = Object.values(record.outputs).map(({ digest }) => digest);
  expect([...expected].sort()).toEqual([...digests].sort());
  return (await from.find(subjectOf(node), { kind: 'restore', expected })) !== undefined;
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describe('results in a shared folder', () => {
  it('are taken by another store: records, short and large artefacts, directories', async () => {
    const folder = temporaryFolder();
    const [here, there] = [temporaryStore(), temporaryStore()];
    const nodes = [
      commitOf('a', { short: content(10), text: Buffer.from('line\n'.repeat(5000)), large: content(LARGE) }),
      commitOf('b', { empty: content(0), compressible: new Uint8Array(LARGE) }),
      await directoryNode(here, 'c'),
    ];
    for (const node of nodes) await here.commit(node);
    const publisher = shared(folder, here);
    for (const { record } of nodes) publisher.publishSoon(record.key);
    expect(await publisher.finish()).toEqual({
      counts: { published: 3, there: 0, 'other bytes': 0, failed: 0 },
      left: 0,
    });
    for (const { record } of nodes) publisher.publishSoon(record.key);
    expect((await publisher.finish()).counts.there).toBe(3);

    const reader = shared(folder, there);
    for (const node of nodes) {
      expect(await restored(reader, node)).toBe(true);
      const { outputs, ...rest } = node.record;
      expect(there.record(node.record.key)).toEqual({ ...rest, outputs });
      for (const { digest } of Object.values(outputs)) {
        expect(there.hasArtefact(digest)).toBe(true);
        expect(digestBytes(there.artefact(digest))).toBe(digest);
      }
    }
    const given = join(temporaryFolder(), 'given');
    await there.files.give(nodes[2]?.record.outputs.plots?.digest as ArtefactDigest, given, 'own');
    expect(statSync(join(given, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(digestBytes(readFileSync(join(given, 'link')))).toBe(digestBytes(content(LARGE, 3)));
  });

  it('end with the error of a file of a directory that cannot be written, and nothing is left of it', async () => {
    const folder = temporaryFolder();
    const [here, there] = [temporaryStore(), temporaryStore()];
    const node = await directoryNode(here, 'c');
    await here.commit(node);
    const publisher = shared(folder, here);
    publisher.publishSoon(node.record.key);
    await publisher.finish();
    const occupied = join(temporaryFolder(), 'occupied');
    makeTree(join(occupied, 'twin'), [['in the way', file('')]]);
    const files = { ...there.files, newPath: () => occupied };
    const { record } = node;
    const expected = Object.values(record.outputs).map(({ digest }) => digest);
    const reader = shared(folder, { ...there, record: () => record, files });
    await expect(reader.find(subjectOf(node), { kind: 'restore', expected })).rejects.toThrow('EISDIR');
    expect(existsSync(occupied)).toBe(false);
  });

  it('are never wrong, whatever becomes of the files: a node is taken whole, or executed', async () => {
    const folder = temporaryFolder();
    const here = temporaryStore();
    const nodes = [commitOf('a', { short: content(10), large: content(LARGE) }), await directoryNode(here, 'c')];
    for (const node of nodes) await here.commit(node);
    const publisher = shared(folder, here);
    for (const { record } of nodes) publisher.publishSoon(record.key);
    await publisher.finish();
    const files = filesOf(folder);
    const originals = new Map(files.map((path) => [path, readFileSync(path)]));
    const damages = fc.array(
      fc.record({
        at: fc.nat(files.length - 1),
        how: fc.constantFrom('removed', 'cut off', 'changed', 'emptied', 'swapped'),
        place: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let taken = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damages, async (all) => {
        for (const [path, bytes] of originals) writeFileSync(path, bytes);
        for (const { at, how, place } of all) {
          const path = files[at] as string;
          const bytes = Buffer.from(originals.get(path) as Buffer);
          const position = Math.floor(bytes.length * place);
          if (how === 'removed') rmSync(path, { force: true });
          else if (how === 'emptied') writeFileSync(path, '');
          else if (how === 'swapped')
            writeFileSync(path, originals.get(files[(at + 1) % files.length] as string) as Buffer);
          else if (how === 'cut off') {
            writeFileSync(path, bytes);
            truncateSync(path, position);
          } else {
            bytes[position] = (bytes[position] as number) ^ 0x55;
            writeFileSync(path, bytes);
          }
        }
        const there = temporaryStore();
        const reader = shared(folder, there);
        for (const node of nodes) {
          if (await restored(reader, node)) {
            taken++;
            for (const { digest } of Object.values(node.record.outputs)) {
              expect(digestBytes(there.artefact(digest))).toBe(digest);
              const given = join(temporaryFolder(), 'given');
              await there.files.give(digest, given, 'read');
            }
          } else refused++;
        }
        await there.close();
      }),
      { numRuns: 25, seed: 3 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(3);
  });

  it('stay as the first one has published them', async () => {
    const folder = temporaryFolder();
    const [here, there] = [temporaryStore(), temporaryStore()];
    const [one, other] = [commitOf('a', { out: content(10, 1) }), commitOf('a', { out: content(10, 2) })];
    await here.commit(one);
    await there.commit(other);
    const [first, second] = [shared(folder, here), shared(folder, there)];
    first.publishSoon(one.record.key);
    await first.finish();
    second.publishSoon(other.record.key);
    expect((await second.finish()).counts['other bytes']).toBe(1);
    const found = await shared(folder, temporaryStore()).find(subjectOf(one), { kind: 'record' });
    expect(found?.outputs).toEqual([one.record.outputs.out?.digest]);
  });

  it('are published without bytes that were evicted, and need no execution all the same', async () => {
    const folder = temporaryFolder();
    const [here, there] = [temporaryStore(), temporaryStore()];
    const node = commitOf('a', { weights: content(5000), loss: content(12) });
    await here.commit(node);
    const { weights } = node.record.outputs;
    await here.dropArtefacts([weights?.digest as ArtefactDigest]);
    const publisher = shared(folder, here);
    publisher.publishSoon(node.record.key);
    expect((await publisher.finish()).counts.published).toBe(1);
    const reader = shared(folder, there);
    const found = await reader.find(subjectOf(node), { kind: 'record' });
    expect(found?.outputs).toHaveLength(2);
    expect(await reader.find(subjectOf(node), { kind: 'restore', expected: found?.outputs ?? [] })).toBeUndefined();
    expect(there.trace(node.record.key)?.outputs).toEqual(found?.outputs);
  });

  it('are taken only under their own key, of the declared types', async () => {
    const folder = temporaryFolder();
    const here = temporaryStore();
    const node = commitOf('a', { out: content(10) });
    await here.commit(node);
    const publisher = shared(folder, here);
    publisher.publishSoon(node.record.key);
    await publisher.finish();
    const action = join(folder, 'ac', node.record.key);
    const another = 'cd'.repeat(32) as NodeKey;
    writeFileSync(join(folder, 'ac', another), readFileSync(action));
    const reader = shared(folder, temporaryStore());
    expect(await reader.find({ ...subjectOf(node), key: another }, { kind: 'record' })).toBeUndefined();
    const retyped = {
      ...node,
      record: {
        ...node.record,
        outputs: { out: { type: 'json', digest: node.record.outputs.out?.digest as ArtefactDigest, bytes: 10 } },
      },
    } as const;
    expect(await reader.find(subjectOf(retyped), { kind: 'record' })).toBeUndefined();
    expect(await reader.find(subjectOf(node), { kind: 'record' })).toBeDefined();
  });

  it('are done without where the folder cannot be written, with one warning', async () => {
    const file = join(temporaryFolder(), 'a file');
    writeFileSync(file, '');
    const here = temporaryStore();
    const told: string[] = [];
    const publisher = shared(file, here, told);
    for (const name of ['a', 'b', 'c', 'd']) {
      const node = commitOf(name, { out: content(10) });
      await here.commit(node);
      publisher.publishSoon(node.record.key);
    }
    expect((await publisher.finish()).counts.failed).toBe(4);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('ENOTDIR');
  });
});
