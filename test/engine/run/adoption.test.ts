import { describe, expect, it } from 'vitest';
import type { NodeKey } from '../../../src/engine/base/digest.ts';
import type { PlanNode } from '../../../src/engine/plan/plan.ts';
import { type Adoptable, earlierIdentities, pickOfEachStage } from '../../../src/engine/run/adoption.ts';
import { recordOf } from '../store/fixtures.ts';

const wasm = { backend: 'wasm', version: '4.22.0', threads: 1 };
const onednn = { backend: 'onednn', version: '2.7', threads: 1 };

describe('the nodes that are executed', () => {
  const adoptable = ['a', 'b', 'b', 'b', 'c', 'c'].map((name, index): Adoptable => {
    const node = { index, id: `${name}/${index}`, stage: { name } } as unknown as PlanNode;
    const trace = { outputs: [], seconds: 1 };
    return { node, key: 'k' as NodeKey, from: 'f' as NodeKey, trace, identity: { engine: 'V8 1.0', compute: null } };
  });
  const stagesOf = (count: number, seed: number) =>
    pickOfEachStage(adoptable, count, seed).map(({ node }) => node.stage.name);

  it('are one of each stage before two of any, and no more than there are', () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(stagesOf(3, seed)).toEqual(['a', 'b', 'c']);
      expect(new Set(stagesOf(2, seed)).size).toBe(2);
      expect(stagesOf(5, seed)).toHaveLength(5);
      expect(stagesOf(100, seed)).toHaveLength(6);
    }
  });

  it('are the same for the same seed, and differ between seeds', () => {
    const picks = (seed: number) =>
      pickOfEachStage(adoptable, 3, seed)
        .map(({ node }) => node.id)
        .join();
    expect(picks(1)).toBe(picks(1));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => picks(seed))).size).toBeGreaterThan(1);
  });
});

describe('earlier identities', () => {
  it('are the engines and backends that records name, newest first, except the present ones', () => {
    const records = [
      recordOf('a', { engine: 'V8 1.0', compute: null, startedAt: '2026-01-01' }),
      recordOf('b', { engine: 'V8 2.0', compute: wasm, startedAt: '2026-01-02' }),
      recordOf('c', { engine: 'V8 3.0', compute: onednn, startedAt: '2026-01-03' }),
    ];
    expect(earlierIdentities(records, { engine: 'V8 3.0', compute: onednn })).toEqual([
      { engine: 'V8 3.0', compute: wasm },
      { engine: 'V8 2.0', compute: onednn },
      { engine: 'V8 2.0', compute: wasm },
      { engine: 'V8 1.0', compute: onednn },
      { engine: 'V8 1.0', compute: wasm },
    ]);
    expect(earlierIdentities([], { engine: 'V8 3.0', compute: null })).toEqual([]);
  });
});
