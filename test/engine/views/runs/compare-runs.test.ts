import { describe, expect, it } from 'vitest';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  type NodeKey,
} from '../../../../src/engine/base/digest.ts';
import { numberChanges } from '../../../../src/engine/views/runs/compare-numbers.ts';
import { compareRuns } from '../../../../src/engine/views/runs/compare-runs.ts';
import { MemoryStore } from '../../run/memory-store.ts';
import { recordOf } from '../../store/fixtures.ts';
import { keyOf, manifestOf } from './runs.ts';

const code = (text: string) => digestBytes<CodeFingerprint>(text);

describe('compareRuns', () => {
  it('finds what differs in params, code and artefacts', () => {
    const outputs: Readonly<Record<string, string>> = { a: 'x', a2: 'x', b: 'x', b2: 'y', same: 'z' };
    const byKey = new Map(
      Object.entries(outputs).map(([key, text]) => [keyOf(key), digestBytes<ArtefactDigest>(text)]),
    );
    const traceOf = (key: NodeKey) => {
      const digest = byKey.get(key);
      return digest ? { outputs: [digest], seconds: 1 } : undefined;
    };
    const old = manifestOf(
      [
        ['n/1', 'same'],
        ['n/2', 'a'],
        ['n/3', 'b'],
        ['n/4', 'lost'],
        ['gone', 'a'],
        ['n/5', null],
      ],
      { params: { rate: 1, kept: [1] }, code: { n: code('1'), other: code('2') } },
    );
    const now = manifestOf(
      [
        ['new', 'a'],
        ['n/1', 'same'],
        ['n/2', 'a2'],
        ['n/3', 'b2'],
        ['n/4', 'a'],
        ['n/5', null],
      ],
      { params: { rate: 2, kept: [1] }, code: { n: code('3'), other: code('2') } },
    );
    const compared = compareRuns(old, now, traceOf);
    expect(compared.params).toEqual([{ path: 'rate', old: 1, new: 2 }]);
    expect(compared.code).toEqual([{ stage: 'n', old: code('1'), new: code('3') }]);
    expect(compared.nodes.map(({ node, stage, comparison }) => `${node} (${stage}): ${comparison}`)).toEqual([
      'new (new): only after',
      'n/1 (n): same',
      'n/2 (n): same',
      'n/3 (n): other bytes',
      'n/4 (n): not known',
      'n/5 (n): not known',
      'gone (gone): only before',
    ]);
  });
});

describe('numberChanges', () => {
  async function storeOf(documents: Readonly<Record<string, unknown>>): Promise<MemoryStore> {
    const store = new MemoryStore();
    for (const [key, document] of Object.entries(documents)) {
      const bytes = Buffer.from(JSON.stringify(document));
      const digest = digestBytes<ArtefactDigest>(bytes);
      await store.commit({
        record: recordOf('n', {
          key: keyOf(key),
          outputs: {
            metrics: { type: 'json', digest, bytes: bytes.length },
            image: { type: 'png', digest: digestBytes<ArtefactDigest>(key), bytes: 1 },
          },
        }),
        artefacts: new Map([[digest, bytes]]),
      });
    }
    return store;
  }
  const compared = (old: string, now: string) =>
    compareRuns(manifestOf([['n', old]]), manifestOf([['n', now]]), (key) => ({
      outputs: [digestBytes<ArtefactDigest>(key)],
      seconds: 1,
    })).nodes;

  it('lays the numbers of JSON artefacts side by side', async () => {
    const store = await storeOf({
      old: { loss: 0.5, name: 'a', same: 1, best: { epoch: 3 }, pair: [1, 2], curve: new Array(50).fill(1) },
      now: { loss: 0.25, name: 'b', same: 1, best: { epoch: 4, more: 7 }, pair: [1, 3], curve: new Array(50).fill(2) },
    });
    expect(numberChanges(compared('old', 'now'), store)).toEqual([
      { node: 'n', output: 'metrics', path: 'best.epoch', old: 3, new: 4 },
      { node: 'n', output: 'metrics', path: 'best.more', old: undefined, new: 7 },
      { node: 'n', output: 'metrics', path: 'loss', old: 0.5, new: 0.25 },
      { node: 'n', output: 'metrics', path: 'pair.1', old: 2, new: 3 },
    ]);
  });

  it('takes a document that is a number', async () => {
    expect(numberChanges(compared('old', 'now'), await storeOf({ old: 1, now: 2 }))).toEqual([
      { node: 'n', output: 'metrics', path: 'value', old: 1, new: 2 },
    ]);
  });
});
