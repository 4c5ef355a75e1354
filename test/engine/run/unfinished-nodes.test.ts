import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnfinishedNodes } from '../../../src/engine/run/unfinished-nodes.ts';
import { planOfEdges, randomEdges } from './plans.ts';

const sorted = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b);

describe('UnfinishedNodes', () => {
  it('agrees with a naive model on random graphs, in any order', () => {
    fc.assert(
      fc.property(
        randomEdges,
        fc.array(fc.boolean()),
        fc.array(fc.nat(), { minLength: 14 }),
        (edges, known, choices) => {
          const { nodes } = planOfEdges(edges);
          const finished = new Set<number>();
          const isReady = (index: number) =>
            !finished.has(index) && (edges[index] ?? []).every((above) => finished.has(above));
          for (const index of edges.keys()) if (known[index] && isReady(index)) finished.add(index);
          const unfinished = new UnfinishedNodes(
            nodes,
            [...edges.keys()].map((index) => finished.has(index) || undefined),
          );
          for (const choice of choices) {
            const before = new Set([...edges.keys()].filter(isReady));
            const index = [...before][choice % before.size];
            if (index === undefined) break;
            finished.add(index);
            const freed = [...edges.keys()].filter((other) => isReady(other) && !before.has(other));
            expect(sorted(unfinished.finish(index))).toEqual(freed);
          }
        },
      ),
      { numRuns: 400, seed: 1 },
    );
  });

  it('gives what is downstream of a node that will not finish, each node once', () => {
    fc.assert(
      fc.property(randomEdges, fc.array(fc.nat(), { maxLength: 4 }), (edges, choices) => {
        const unfinished = new UnfinishedNodes(planOfEdges(edges).nodes, []);
        const given = new Set<number>();
        for (const choice of edges.length === 0 ? [] : choices) {
          const first = choice % edges.length;
          const below = new Set([first]);
          // A node comes after all that it reads.
          for (const [index, above] of edges.entries()) if (above.some((each) => below.has(each))) below.add(index);
          below.delete(first);
          expect(sorted(unfinished.giveUp(first))).toEqual(sorted([...below].filter((index) => !given.has(index))));
          for (const index of below) given.add(index);
        }
      }),
      { numRuns: 400, seed: 1 },
    );
  });
});
