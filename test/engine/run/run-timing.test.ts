import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timingOf } from '../../../src/engine/run/run-timing.ts';
import type { Attempt } from '../../../src/engine/store/run-manifest.ts';
import { planOf, planOfEdges, planStage, randomEdges } from './plans.ts';

const attempt = (node: number, start: number, end: number, worker = 1): Attempt => ({
  node,
  attempt: 1,
  worker,
  start,
  end,
  seconds: end - start,
  outcome: 'executed',
});

describe('timingOf', () => {
  it('names the longest chain, the share of busy time and the slowest stages', () => {
    const [train, plot] = [planStage('train'), planStage('plot')];
    const { nodes } = planOf([
      { stage: train, coordinates: { epoch: 1 } },
      { stage: train, coordinates: { epoch: 2 }, reads: ['train/1'] },
      { stage: train, coordinates: { epoch: 3 } },
      { stage: plot, reads: ['train/2', 'train/3'] },
    ]);
    const journal = [attempt(0, 0, 3), attempt(2, 0, 5, 2), attempt(1, 3, 6), attempt(3, 6, 7)];
    expect(timingOf(nodes, journal, 8, 2)).toEqual({
      criticalPath: { seconds: 7, nodes: 3, from: 'train/1', to: 'plot' },
      efficiency: 12 / 16,
      stages: [
        { stage: 'train', nodes: 3, seconds: 11 },
        { stage: 'plot', nodes: 1, seconds: 1 },
      ],
    });
  });

  it('counts a node that was tried twice once, with the time of both', () => {
    const { nodes } = planOf([{ stage: planStage('n'), coordinates: { i: 1 } }]);
    expect(timingOf(nodes, [attempt(0, 0, 1), attempt(0, 2, 4)], 4, 1)).toEqual({
      criticalPath: { seconds: 3, nodes: 1, from: 'n/1', to: 'n/1' },
      efficiency: 0.75,
      stages: [{ stage: 'n', nodes: 1, seconds: 3 }],
    });
  });

  it('finds the longest of all ways, through nodes that were not executed too', () => {
    fc.assert(
      fc.property(randomEdges, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (edges, draws) => {
        const { nodes } = planOfEdges(edges);
        const took = nodes.map(() => draws.next().value as number);
        const longest: number[] = [];
        edges.forEach((above, index) => {
          longest.push((took[index] ?? 0) + Math.max(0, ...above.map((node) => longest[node] ?? 0)));
        });
        const journal = took.flatMap((seconds, node) => (seconds > 0 ? [attempt(node, 0, seconds)] : []));
        const { criticalPath } = timingOf(nodes, journal, 10, 1);
        expect(criticalPath.seconds).toBe(Math.max(...longest));
        if (journal.length > 0) expect(criticalPath.nodes).toBeGreaterThan(0);
      }),
    );
  });
});
