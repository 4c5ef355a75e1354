import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { Attempt, NodeOutcome, RunManifest } from '../../../../src/engine/store/run-manifest.ts';
import { temporaryFolder, temporaryStore } from '../fixtures.ts';

const keyOf = (text: string) => digestBytes<NodeKey>(text);

function manifestOf(nodes: readonly (readonly [string, string | null, NodeOutcome])[]): RunManifest {
  return {
    params: { steps: 3, names: ['a', 'é'] },
    code: { train: digestBytes<CodeFingerprint>('code') },
    targets: [{ name: 'all', nodes: [0], files: [{ path: 'a.json', source: { node: 0, output: 'out' } }] }],
    nodes: nodes.map(([node, key, outcome]) => ({
      node: node as NodeId,
      key: key === null ? null : keyOf(key),
      outcome,
    })),
  };
}

const attempt = (node: number, start: number, changes: Partial<Attempt> = {}): Attempt => ({
  node,
  attempt: 1,
  worker: 1,
  start,
  end: start + 0.5,
  seconds: 0.25,
  outcome: 'executed',
  ...changes,
});

const outcomes: readonly NodeOutcome[] = ['executed', 'up to date', 'cut off', 'failed', 'skipped'];

describe('manifests', () => {
  it('are read back, also after the store was opened again', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.string({ minLength: 1, unit: fc.constantFrom('a', '/', '1') }),
            fc.boolean(),
            fc.constantFrom(...outcomes),
          ),
          { maxLength: 20 },
        ),
        async (drawn) => {
          const manifest = manifestOf(drawn.map(([node, known, outcome]) => [node, known ? node : null, outcome]));
          await store.putManifest('run', manifest, []);
          expect(store.manifest('run')).toEqual(manifest);
        },
      ),
      { numRuns: 30 },
    );
    const last = store.manifest('run');
    await store.close();
    expect(temporaryStore(folder).manifest('run')).toEqual(last);
  });

  it('are not there for a run that left none', () => {
    expect(temporaryStore().manifest('run')).toBeUndefined();
    expect(temporaryStore().journal('run')).toEqual([]);
  });

  it('share their content, which is removed with the last run that has it', async () => {
    const store = temporaryStore();
    const executed = manifestOf([['train/1', 'a', 'executed']]);
    const found = manifestOf([['train/1', 'a', 'up to date']]);
    await store.putManifest('1', executed, [attempt(0, 0)]);
    await store.putManifest('2', found, []);
    await store.forgetRun('1');
    expect(store.manifest('1')).toBeUndefined();
    expect(store.journal('1')).toEqual([]);
    expect(store.manifest('2')).toEqual(found);
    await store.forgetRun('2');
    expect(store.manifest('2')).toBeUndefined();
  });

  it('can refer to those of an earlier run, with everything up to date', async () => {
    const store = temporaryStore();
    await store.putManifest(
      '1',
      manifestOf([
        ['train/1', 'a', 'executed'],
        ['train/2', 'b', 'cut off'],
      ]),
      [],
    );
    expect(await store.shareManifest('2', '1')).toBe(true);
    await store.forgetRun('1');
    expect(store.manifest('2')).toEqual(
      manifestOf([
        ['train/1', 'a', 'up to date'],
        ['train/2', 'b', 'up to date'],
      ]),
    );
    expect(await store.shareManifest('3', '1')).toBe(false);
    expect(store.manifest('3')).toBeUndefined();
  });

  it('take ten thousand nodes with their journal in less than 600 kB, and a second run like it next to nothing', async () => {
    const nodes = Array.from(
      { length: 10_000 },
      (_, index) => [`step/${index % 100}/${index}`, `${index}`, 'executed'] as const,
    );
    const store = temporaryStore();
    const empty = store.statistics().databaseBytes;
    const journal = nodes.map((_, index) => attempt(index, index / 7, { worker: (index % 2) + 1 }));
    await store.putManifest('1', manifestOf(nodes), journal);
    const first = store.statistics().databaseBytes - empty;
    expect(first).toBeLessThan(600_000);
    for (let run = 2; run < 12; run++) {
      await store.putManifest(`${run}`, manifestOf(nodes.map(([node, key]) => [node, key, 'up to date'])), []);
    }
    expect(store.statistics().databaseBytes - empty - first).toBeLessThan(100_000);
  });
});

describe('a run that is under way', () => {
  it('leaves what it has written so far', async () => {
    const store = temporaryStore();
    const begun = manifestOf([
      ['a', 'a', 'up to date'],
      ['b', null, 'skipped'],
      ['c', null, 'skipped'],
    ]);
    await store.putManifest('run', begun, []);
    const failed = attempt(1, 0, { outcome: 'failed' });
    await store.extendManifest('run', {
      decided: [{ index: 1, key: keyOf('b'), outcome: 'failed' }],
      attempts: [failed],
    });
    const again = attempt(1, 0.5, { attempt: 2, worker: 2 });
    await store.extendManifest('run', {
      decided: [{ index: 1, key: keyOf('b'), outcome: 'executed' }],
      attempts: [again],
    });
    expect(store.manifest('run')).toEqual(
      manifestOf([
        ['a', 'a', 'up to date'],
        ['b', 'b', 'executed'],
        ['c', null, 'skipped'],
      ]),
    );
    expect(store.journal('run')).toEqual([failed, again]);
  });

  it('replaces it at its end', async () => {
    const store = temporaryStore();
    await store.putManifest('run', manifestOf([['a', null, 'skipped']]), []);
    await store.extendManifest('run', { decided: [], attempts: [attempt(0, 0)] });
    const ended = manifestOf([['a', 'a', 'executed']]);
    await store.putManifest('run', ended, [attempt(0, 0), attempt(0, 1)]);
    expect(store.manifest('run')).toEqual(ended);
    expect(store.journal('run')).toEqual([attempt(0, 0), attempt(0, 1)]);
  });

  it('is not confused with one whose name begins in the same way', async () => {
    const store = temporaryStore();
    await store.putManifest('run', manifestOf([]), [attempt(0, 0)]);
    await store.putManifest('run-2', manifestOf([]), [attempt(0, 1)]);
    expect(store.journal('run')).toEqual([attempt(0, 0)]);
  });
});
