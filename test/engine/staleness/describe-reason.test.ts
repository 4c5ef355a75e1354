import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { describeReason } from '../../../src/engine/staleness/describe-reason.ts';
import type { StaleReason } from '../../../src/engine/staleness/stale-reason.ts';

const code = (text: string) => digestBytes<CodeFingerprint>(text);
const [a, b, c] = ['a', 'b', 'c'].map((text) => digestBytes<ArtefactDigest>(text)) as [
  ArtefactDigest,
  ArtefactDigest,
  ArtefactDigest,
];
const wasm = { backend: 'wasm', version: '4.22.0 simd', threads: 1 };

describe('describeReason', () => {
  it.each<[StaleReason, string]>([
    [{ rule: 'forced' }, 'forced'],
    [{ rule: 'never run' }, 'never run'],
    [
      {
        rule: 'software',
        changes: [
          { kind: 'module', name: '/lib', old: 'none', new: 'other modules of these names' },
          { kind: 'package', name: 'numpy', old: '1.24.2', new: '1.26.0' },
        ],
      },
      'an installed package that it imported has changed: numpy 1.24.2 → 1.26.0',
    ],
    [
      {
        rule: 'software',
        changes: ['a', 'b', 'c', 'd'].map((name) => ({ kind: 'program' as const, name, old: '1', new: '2' })),
      },
      'programs that it used have changed: a 1 → 2, b 1 → 2, c 1 → 2 and 1 more',
    ],
    [{ rule: 'software', changes: null }, 'the software that it was made with is not in the cache any more'],
    [{ rule: 'lost' }, 'its record was removed from the cache'],
    [{ rule: 'failed', run: 'run 7' }, 'it failed in run run 7, and has never finished'],
    [{ rule: 'quarantined' }, 'its bytes were damaged'],
    [{ rule: 'coordinates', changes: [{ path: 'x', old: 1, new: '1' }] }, 'coordinates: x 1 → "1"'],
    [
      {
        rule: 'inputs',
        changes: [{ input: 'all', old: [a], new: [a], coordinates: { old: [{ x: 1 }], new: [{ x: '1' }] } }],
      },
      'inputs: all has other coordinates: x 1 → "1"',
    ],
    [
      { rule: 'inputs', changes: [{ input: 'all', old: [a], new: [a], coordinates: { old: null, new: [{ x: 1 }] } }] },
      'inputs: all is gathered, and was the output of one node',
    ],
    [{ rule: 'code', old: code('a'), new: code('b') }, 'code ca978112ca1b → 3e23e8160039'],
    [{ rule: 'params', changes: [{ path: 'batchSize', old: 64, new: 32 }] }, 'params: batchSize 64 → 32'],
    [
      {
        rule: 'params',
        changes: [
          { path: 'model.batchNorm', old: false, new: { epsilon: 1e-5 } },
          { path: 'name', old: undefined, new: 'a "b"' },
          { path: 'gone', old: null, new: undefined },
          { path: 'more', old: 1, new: 2 },
          { path: 'most', old: 1, new: 2 },
        ],
      },
      'params: model.batchNorm false → {"epsilon":0.00001}, name (none) → "a \\"b\\"", gone null → (none) and 2 more',
    ],
    [
      { rule: 'params', changes: [{ path: 'checkpoints', old: Array.from({ length: 30 }, (_, i) => i), new: [0] }] },
      'params: checkpoints [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,1… → [0]',
    ],
    [
      {
        rule: 'params',
        changes: [
          {
            path: 'caption',
            old: 'MNIST: all training examples, minibatches of 64, n_s = 3000.',
            new: 'MNIST: all training examples, minibatches of 32, n_s = 3000.',
          },
        ],
      },
      'params: caption …ibatches of 64, n_s = 3000." → …ibatches of 32, n_s = 3000."',
    ],
    [
      {
        rule: 'params',
        changes: [
          { path: 'checkpoints', old: [...Array(20).keys()], new: [...Array(15).keys(), ...Array(50).fill(100)] },
        ],
      },
      'params: checkpoints …1,12,13,14,15,16,17,18,19] → …1,12,13,14,100,100,100,100,100,100,100…',
    ],
    [
      { rule: 'outputs', changes: [{ path: 'metrics', old: undefined, new: 'json' }] },
      'outputs: metrics (none) → "json"',
    ],
    [
      { rule: 'environment', old: null, new: `uv.lock ${'3f'.repeat(32)}, CPython 3.11.7, linux-x86_64` },
      'environment: none → uv.lock 3f3f3f3f3f3f, CPython 3.11.7, linux-x86_64',
    ],
    [{ rule: 'gpus', old: null, new: 'NVIDIA H200, driver 550' }, 'GPUs: not asked for → NVIDIA H200, driver 550'],
    [{ rule: 'compute', old: null, new: wasm }, 'compute: none → wasm 4.22.0 simd, 1 thread'],
    [
      { rule: 'compute', old: wasm, new: { backend: 'cpu', version: '4.22.0', threads: 2 } },
      'compute: wasm 4.22.0 simd, 1 thread → cpu 4.22.0, 2 threads',
    ],
    [
      { rule: 'inputs', changes: [{ input: 'weights', old: [a], new: [b] }] },
      'inputs: weights ca978112ca1b → 3e23e8160039',
    ],
    [
      {
        rule: 'inputs',
        changes: [
          { input: 'train', old: [], new: [a] },
          { input: 'test', old: [a], new: [] },
          { input: 'metrics', old: [a, b], new: [a, b, c] },
          { input: 'statistics', old: [a, b, c], new: [a, c, b] },
        ],
      },
      'inputs: train is new, test is no longer there, metrics has 3 items, had 2, statistics: 2 of 3 items changed',
    ],
  ])('of %j', (reason, text) => {
    expect(describeReason(reason)).toBe(text);
  });
});
