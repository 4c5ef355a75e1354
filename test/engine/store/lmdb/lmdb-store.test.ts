import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes, digestToBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import { Failure } from '../../../../src/engine/base/failure.ts';
import type { JsonValue } from '../../../../src/engine/base/json.ts';
import { codeFingerprint } from '../../../../src/engine/keys/bundle-cache.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import type { NodeRecord, RunRecord } from '../../../../src/engine/store/store.ts';
import { commitOf, content, recordOf, temporaryFolder, temporaryStore } from '../fixtures.ts';
import { tamper } from '../tamper.ts';

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return error as Failure;
  }
  throw new Error('nothing was thrown');
}

/** Changes a database behind the store's back. */
const sizes = { none: 0, kilobyte: 1_000, epoch: 8_000_000, overBufferLimit: 20_000_000 };

describe('artefacts', () => {
  it('are read back whatever their size, also after the store was opened again', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const outputs = Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, content(bytes)]));
    const { record, artefacts } = commitOf('train/1', outputs);
    await store.commit({ record, artefacts });
    for (const [digest, bytes] of artefacts)
      expect(Buffer.compare(store.artefact(digest), bytes as Uint8Array)).toBe(0);
    await store.close();

    const reopened = temporaryStore(folder);
    for (const [digest, bytes] of artefacts) {
      expect(reopened.hasArtefact(digest)).toBe(true);
      const read = reopened.artefact(digest);
      expect(Buffer.compare(read, bytes as Uint8Array)).toBe(0);
      expect(read.byteOffset % 8).toBe(0);
    }
  });

  it('stay as they were read, whatever is read or written later', async () => {
    const store = temporaryStore();
    const lengths = [8, 3_000_000, 1_000_000, 0, 17_000_000, 1_000_000];
    const commits = lengths.map((length, index) => commitOf(`train/${index}`, { weights: content(length, index) }));
    await Promise.all(commits.map((commit) => store.commit(commit)));
    const digests = commits.flatMap(({ artefacts }) => [...artefacts.keys()]);
    const read = digests.map((digest) => store.artefact(digest));
    for (const [index, bytes] of read.entries()) {
      expect(digestBytes(bytes)).toBe(digests[index]);
      bytes.fill(index);
    }
    // They are the caller's to change: the store has its own.
    for (const digest of digests) expect(digestBytes(store.artefact(digest))).toBe(digest);
  });

  it('are kept once', async () => {
    const store = temporaryStore();
    const bytes = content(100_000);
    await store.commit(commitOf('train/1', { a: bytes, b: bytes }));
    await store.commit(commitOf('train/2', { a: bytes.slice() }));
    expect(store.statistics()).toMatchObject({ artefacts: 1, records: 2 });
  });

  it('are written from the middle of a larger buffer', async () => {
    const store = temporaryStore();
    const bytes = content(1000).subarray(100, 200);
    const commit = commitOf('train/1', { a: bytes });
    await store.commit(commit);
    const [digest] = commit.artefacts.keys();
    expect([...store.artefact(digest as ArtefactDigest)]).toEqual([...bytes]);
  });

  it('that are missing are named', () => {
    const folder = temporaryFolder();
    const digest = digestBytes<ArtefactDigest>('abc');
    const store = temporaryStore(folder);
    expect(store.hasArtefact(digest)).toBe(false);
    const failure = failureOf(() => store.artefact(digest));
    expect(failure.kind).toBe('store');
    expect(failure.message).toBe(
      `the artefact ba7816bf8f01 is not in the cache in ${folder}\n` +
        '  fix: it was evicted, as "retain" and "cache gc" do: "vmfdag run --target NODE --restore" restores it',
    );
  });

  it('that are damaged are refused', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const bytes = content(5000);
    const digest = digestBytes<ArtefactDigest>(bytes);
    await store.commit(commitOf('train/1', { weights: bytes }));
    await store.close();
    const damaged = Buffer.from(bytes);
    damaged[4321] = (damaged[4321] as number) ^ 1;
    await tamper(folder, 'artefacts', (table) => table.putSync(digestToBytes(digest), damaged));

    const reopened = temporaryStore(folder);
    const failure = failureOf(() => reopened.artefact(digest));
    expect(failure.kind).toBe('store');
    expect(failure.message).toBe(
      `the artefact ${digest.slice(0, 12)} in ${folder} is damaged: its bytes now have digest ${digestBytes(damaged).slice(0, 12)}\n` +
        '  fix: check the disk; "vmfdag cache verify" quarantines it, and the next run repairs it',
    );
  });
});

describe('commits', () => {
  it('keep record, trace and last key', async () => {
    const store = temporaryStore();
    const commit = commitOf('train/fnn/1', { weights: content(10, 1), metrics: content(10, 2), zeta: content(10, 3) });
    const { record } = commit;
    expect(store.trace(record.key)).toBeUndefined();
    expect(store.record(record.key)).toBeUndefined();
    expect(store.lastKey(record.node)).toBeUndefined();
    await store.commit(commit);
    expect(store.record(record.key)).toEqual(record);
    expect(store.lastKey(record.node)).toBe(record.key);
    expect(store.trace(record.key)).toEqual({
      seconds: 1.25,
      outputs: ['metrics', 'weights', 'zeta'].map((name) => record.outputs[name]?.digest),
    });
    expect([...store.records()]).toEqual([record]);
  });

  it('hold traces of no outputs and of many', async () => {
    const store = temporaryStore();
    await store.commit(commitOf('none', {}));
    const outputs = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`o${index}`, content(3, index)]));
    await store.commit(commitOf('many', outputs));
    expect(store.trace(recordOf('none').key)).toEqual({ seconds: 1.25, outputs: [] });
    expect(store.trace(recordOf('many').key)?.outputs.length).toBe(40);
  });

  it('give back one trace while others are read', async () => {
    const store = temporaryStore();
    const commits = [1, 2, 3].map((index) => commitOf(`train/${index}`, { weights: content(10, index) }));
    await Promise.all(commits.map((commit) => store.commit(commit)));
    const traces = commits.map(({ record }) => store.trace(record.key));
    expect(traces.map((trace) => trace?.outputs)).toEqual(commits.map(({ artefacts }) => [...artefacts.keys()]));
  });

  it('replace the record of a key, and remember only the last key of a node', async () => {
    const store = temporaryStore();
    const { record, artefacts } = commitOf('train/1', { weights: content(10) });
    await store.commit({ record, artefacts });
    await store.commit({ record: { ...record, attempt: 2 }, artefacts });
    expect(store.record(record.key)?.attempt).toBe(2);
    const other = digestBytes<NodeKey>('other');
    await store.commit({ record: { ...record, key: other }, artefacts });
    expect(store.lastKey(record.node)).toBe(other);
    await store.rememberKeys(new Map([[record.node, record.key]]));
    expect(store.lastKey(record.node)).toBe(record.key);
    expect([...store.records()].length).toBe(2);
  });

  it('that cannot be written leave no trace, and do no harm to others', async () => {
    const store = temporaryStore();
    const bad = commitOf('bad', { weights: content(10) });
    const unwritable = { ...bad.record, params: { big: 1n } as unknown as NodeRecord['params'] };
    const [failed, good] = await Promise.allSettled([
      store.commit({ ...bad, record: unwritable }),
      store.commit(commitOf('good', { weights: content(10, 1) })),
    ]);
    expect(failed.status).toBe('rejected');
    expect((failed as PromiseRejectedResult).reason).toBeInstanceOf(Failure);
    expect(good.status).toBe('fulfilled');
    expect(store.trace(bad.record.key)).toBeUndefined();
    expect(store.record(bad.record.key)).toBeUndefined();
    expect(store.lastKey(bad.record.node)).toBeUndefined();
    expect(store.trace(recordOf('good').key)).toBeDefined();
  });

  it('are seen by another process whole or not at all', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const commits = Array.from({ length: 40 }, (_, index) =>
      commitOf(`train/${index}`, { weights: content(200_000, index), metrics: content(100, index + 1000) }),
    );
    const reader = fork(
      fileURLToPath(new URL('reader.mjs', import.meta.url)),
      [folder, ...commits.map(({ record }) => record.key)],
      { execArgv: [] },
    );
    await once(reader, 'message');
    const report = once(reader, 'message');
    for (const commit of commits) await store.commit(commit);
    expect((await report)[0]).toEqual({ seen: commits.length, incomplete: [] });
    await once(reader, 'exit');
  });
});

describe('runs', () => {
  it('come newest first', async () => {
    const store = temporaryStore();
    const run = (id: string): RunRecord => ({
      id,
      startedAt: '2026-01-02T03:04:05.678Z',
      command: ['run'],
      profile: null,
      targets: [],
      state: 'running',
      seconds: 0,
      counts: {},
    });
    for (const id of ['2026-01-03', '2026-01-01', '2026-01-02']) await store.putRun(run(id));
    const done: RunRecord = { ...run('2026-01-02'), state: 'done', seconds: 3, counts: { executed: 2 } };
    await store.putRun(done);
    expect([...store.runs()].map(({ id }) => id)).toEqual(['2026-01-03', '2026-01-02', '2026-01-01']);
    expect([...store.runs()][1]).toEqual(done);
    expect(store.run('2026-01-02')).toEqual(done);
    for (const id of ['', '2026-01-0', 'x'.repeat(9000)]) expect(store.run(id)).toBeUndefined();
    expect(store.statistics().runs).toBe(3);
  });
});

describe('durations', () => {
  it('are kept as they were put last', async () => {
    const store = temporaryStore();
    expect(store.durations()).toEqual({});
    await store.putDurations({ 'train/fnn': 2.5 });
    await store.putDurations({ 'train/fnn': 3, plot: 0.25 });
    expect(store.durations()).toEqual({ 'train/fnn': 3, plot: 0.25 });
  });
});

describe('bundles', () => {
  it('keep code for ever, and each stamp until the next one', async () => {
    const store = temporaryStore();
    const packages = {
      imported: { lmdb: 0 },
      packages: [{ name: 'lmdb', version: '3.5.6', content: 'ab', dependencies: {} }],
    };
    const code = (text: string) => ({
      kind: 'module' as const,
      fingerprint: codeFingerprint(text, packages),
      text,
      sourceMap: '{}',
      packages,
    });
    const stamp = { sources: { files: [{ path: '/a.ts', digest: 'cd' }], folders: [] }, packages };
    const facts = {
      tree: ['', 'index.js'],
      stamp: '1',
      name: 'lmdb',
      version: '3.5.6',
      content: 'ab',
      dependencies: [],
      declared: [],
      developmentImports: [],
    };
    const [one, two, three] = [code('one'), code('two'), code('three')];
    expect(store.bundles.stamp('stage')).toBeUndefined();
    expect(store.bundles.code(one.fingerprint)).toBeUndefined();
    const lmdb = new Map([['/node_modules/lmdb', facts]]);
    await store.bundles.put({ code: one, stamp: { name: 'stage', ...stamp }, packages: lmdb });
    expect(store.bundles.stamp('stage')).toEqual({ fingerprint: one.fingerprint, ...stamp });
    expect(store.bundles.packageFacts('/node_modules/lmdb')).toEqual(facts);
    expect(store.bundles.packageFacts('/node_modules/other')).toBeUndefined();
    await store.bundles.put({ code: two, stamp: { name: 'stage', ...stamp }, packages: new Map() });
    await store.bundles.put({ code: three, stamp: undefined, packages: new Map() });
    expect(store.bundles.stamp('stage')).toEqual({ fingerprint: two.fingerprint, ...stamp });
    for (const kept of [one, two, three]) expect(store.bundles.code(kept.fingerprint)).toEqual(kept);
  });
});

describe('exchangeLease', () => {
  it('reads, replaces and removes the lease', () => {
    const store = temporaryStore();
    const seen: (JsonValue | undefined)[] = [];
    const exchange = (next: JsonValue | undefined) =>
      store.exchangeLease((current) => {
        seen.push(current);
        return next;
      });
    exchange({ pid: 1 });
    exchange({ pid: 2 });
    exchange(undefined);
    exchange(undefined);
    exchange(null);
    store.exchangeLease((current) => {
      seen.push(current);
      return current;
    });
    expect(seen).toEqual([undefined, { pid: 1 }, { pid: 2 }, undefined, undefined, null]);
  });

  it('leaves the lease as it is when the exchange fails', () => {
    const store = temporaryStore();
    store.exchangeLease(() => 'mine');
    const failure = failureOf(() =>
      store.exchangeLease(() => {
        throw new Error('no');
      }),
    );
    expect(failure.kind).toBe('store');
    store.exchangeLease((current) => {
      expect(current).toBe('mine');
      return current;
    });
  });
});

describe('statistics', () => {
  it('count entries and bytes', async () => {
    const store = temporaryStore();
    expect(store.statistics()).toMatchObject({ artefacts: 0, records: 0, runs: 0 });
    await store.commit(commitOf('train/1', { weights: content(1_000_000), metrics: content(20) }));
    const { databaseBytes, ...counts } = store.statistics();
    expect(counts).toEqual({ artefacts: 2, records: 1, runs: 0, blobBytes: 0 });
    expect(databaseBytes).toBeGreaterThan(1_000_000);
    expect(databaseBytes).toBeLessThan(3_000_000);
  });
});

describe('openStore', () => {
  it('makes the folder', () => {
    const store = temporaryStore(join(temporaryFolder(), 'a/b'));
    expect(store.lastKey('train/1' as NodeId)).toBeUndefined();
  });

  it('lets two handles of a process use one folder', async () => {
    const folder = temporaryFolder();
    const [one, two] = [temporaryStore(folder), temporaryStore(folder)];
    await one.commit(commitOf('train/1', { weights: content(10) }));
    two.refresh();
    expect(two.lastKey('train/1' as NodeId)).toBe(recordOf('train/1').key);
  });

  const refused = (version: number, fix: string) => async () => {
    const folder = temporaryFolder();
    await openStore(folder).close();
    await tamper(folder, 'meta', (table) => {
      table.putSync(Buffer.from('schema'), Buffer.from(JSON.stringify({ version })));
    });
    const failure = failureOf(() => openStore(folder));
    expect(failure.kind).toBe('store');
    expect(failure.message).toBe(
      `the cache in ${folder} has schema ${version}; this vmfdag reads schema 2\n  fix: ${fix}`,
    );
    // Nothing is lost: the version that wrote it can still read it.
    let kept: string | undefined;
    await tamper(folder, 'meta', (table) => {
      kept = table.get(Buffer.from('schema'))?.toString();
    });
    expect(kept).toBe(JSON.stringify({ version }));
  };

  it(
    'refuses a cache of a newer schema',
    refused(3, 'it was written by a newer vmfdag: use that one, or another folder with --cache DIR'),
  );
  it(
    'refuses a cache of an older schema',
    refused(1, 'it was written by an older vmfdag: use another folder with --cache DIR, or delete this one'),
  );

  it('says that a file is in the way', () => {
    const file = join(temporaryFolder(), 'cache');
    writeFileSync(file, '');
    const failure = failureOf(() => openStore(file));
    expect(failure.kind).toBe('store');
    expect(failure.message).toBe(
      `cannot open the cache in ${file} (EEXIST: file already exists, mkdir '${file}')\n` +
        '  fix: a file is in the way: use another folder with --cache DIR',
    );
    expect(failureOf(() => openStore(join(file, 'inner'))).diagnostics[0]?.fix).toBe(
      'a file is in the way: use another folder with --cache DIR',
    );
  });

  it.each([
    ['noise', content(20_000)],
    ['text', Buffer.from('not a database\n'.repeat(1000))],
    ['zeros', Buffer.alloc(20_000)],
    ['three bytes', Buffer.from('abc')],
  ])('refuses a folder whose data file holds %s', (_, data) => {
    const folder = temporaryFolder();
    const file = join(folder, 'data.mdb');
    writeFileSync(file, data);
    const failure = failureOf(() => openStore(folder));
    expect(failure.kind).toBe('store');
    expect(failure.message).toBe(
      `${file} is not an LMDB database\n` +
        '  fix: the folder holds something else than a cache of vmfdag, or a damaged one: use another one with --cache DIR',
    );
    expect(readFileSync(file).equals(data)).toBe(true);
  });

  it('opens a folder whose data file is empty, as after a crash at the very start', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'data.mdb'), '');
    expect(temporaryStore(folder).statistics().records).toBe(0);
  });
});
