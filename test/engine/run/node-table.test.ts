import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import type { PlanNode } from '../../../src/engine/plan/plan.ts';
import { NodeTable } from '../../../src/engine/run/node-table.ts';
import { planOfEdges, randomEdges } from './plans.ts';

const ids = (nodes: readonly PlanNode[]) => nodes.map(({ index }) => index);
const sorted = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b);
const outputs = [digestBytes<ArtefactDigest>('out')];

type Fate = 'found' | 'executed' | 'failed';

/** What the table should say, worked out anew from the whole history at every step. */
class NaiveModel {
  readonly fates = new Map<number, Fate>();
  private readonly edges: readonly (readonly number[])[];

  constructor(edges: readonly (readonly number[])[]) {
    this.edges = edges;
  }

  above(index: number): number[] {
    return [...new Set(this.edges[index])];
  }

  ancestors(index: number): Set<number> {
    return new Set(this.above(index).flatMap((above) => [above, ...this.ancestors(above)]));
  }

  all(): number[] {
    return this.edges.map((_, index) => index);
  }

  hasFailed(index: number): boolean {
    return [...this.ancestors(index)].some((above) => this.fates.get(above) === 'failed');
  }

  isReady(index: number): boolean {
    const finished = (above: number) => ['found', 'executed'].includes(this.fates.get(above) ?? '');
    return !this.fates.has(index) && this.above(index).every(finished);
  }

  isBelowExecuted(index: number): boolean {
    return [...this.ancestors(index)].some((above) => this.fates.get(above) === 'executed');
  }
}

function foundOutputs(model: NaiveModel): (readonly ArtefactDigest[] | undefined)[] {
  return model.all().map((index) => (model.fates.has(index) ? outputs : undefined));
}

function emptyTable(nodes: readonly PlanNode[]): NodeTable {
  return new NodeTable(nodes, foundOutputs(new NaiveModel(nodes.map(() => []))));
}

describe('NodeTable', () => {
  it('agrees with a naive model on random graphs and histories', () => {
    const history = fc.array(fc.tuple(fc.nat(), fc.constantFrom<Fate>('found', 'executed', 'executed', 'failed')), {
      minLength: 14,
      maxLength: 14,
    });
    fc.assert(
      fc.property(randomEdges, fc.array(fc.boolean()), history, (edges, current, steps) => {
        const { nodes } = planOfEdges(edges);
        const model = new NaiveModel(edges);
        for (const index of model.all()) if (current[index] && model.isReady(index)) model.fates.set(index, 'found');
        const table = new NodeTable(nodes, foundOutputs(model));
        let ready = model.all().filter((index) => model.isReady(index));
        const skipped = new Set<number>();
        for (const [choice, fate] of steps) {
          const index = ready[choice % ready.length];
          if (index === undefined) break;
          ready = ready.filter((other) => other !== index);
          const node = nodes[index] as PlanNode;
          expect(table.isBelowExecuted(node)).toBe(model.isBelowExecuted(index));
          const before = new Set(model.all().filter((other) => model.isReady(other)));
          model.fates.set(index, fate);
          if (fate !== 'found') table.pend(node);
          if (fate === 'failed') {
            const lost = ids(table.fail(node));
            expect(sorted(lost)).toEqual(
              model.all().filter((other) => model.ancestors(other).has(index) && !skipped.has(other)),
            );
            for (const other of lost) skipped.add(other);
          } else {
            const freed = ids(table.finish(node, outputs, fate === 'executed'));
            expect(sorted(freed)).toEqual(model.all().filter((other) => model.isReady(other) && !before.has(other)));
            ready.push(...freed);
          }
          expect(table.unfinished()).toBe(model.all().filter((other) => !model.fates.has(other)).length);
        }
        // What is left over is what failed nodes cut off, and only that.
        if (ready.length === 0) {
          expect(sorted(skipped)).toEqual(model.all().filter((index) => model.hasFailed(index)));
          expect(table.unfinished()).toBe(skipped.size);
        }
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('keeps the outputs of finished nodes', () => {
    const { nodes } = planOfEdges([[], [0]]);
    const known = [undefined, undefined];
    const table = new NodeTable(nodes, known);
    table.finish(nodes[0] as PlanNode, outputs, true);
    expect(known).toEqual([outputs, undefined]);
  });

  it('knows what an executed node touches through nodes that were found', () => {
    // 0 → 1 → 2, and 3 apart: 0 runs and gives the same bytes, 1 and 2 are found.
    const { nodes } = planOfEdges([[], [0], [1], []]);
    const [first, second, third, apart] = nodes as [PlanNode, PlanNode, PlanNode, PlanNode];
    const table = emptyTable(nodes);
    table.pend(first);
    table.finish(first, outputs, true);
    expect(table.isBelowExecuted(second)).toBe(true);
    table.finish(second, outputs, false);
    expect(table.isBelowExecuted(third)).toBe(true);
    expect(table.isBelowExecuted(apart)).toBe(false);
    expect(table.isBelowExecuted(first)).toBe(false);
  });

  it('copes with a chain of many thousands, without recursion', () => {
    const edges = Array.from({ length: 30_000 }, (_, index) => (index === 0 ? [] : [index - 1]));
    const { nodes } = planOfEdges(edges);
    const table = emptyTable(nodes);
    expect(table.fail(nodes[0] as PlanNode).length).toBe(29_999);
  });
});
