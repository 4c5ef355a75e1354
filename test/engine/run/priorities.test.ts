import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPaths, priority } from '../../../src/engine/run/priorities.ts';
import { planOfEdges, randomEdges } from './plans.ts';

/** The longest of all ways down, tried one by one. */
function longestWay(edges: readonly (readonly number[])[], seconds: readonly number[], from: number): number {
  const below = edges.flatMap((above, index) => (above.includes(from) ? [index] : []));
  return (seconds[from] as number) + Math.max(0, ...below.map((index) => longestWay(edges, seconds, index)));
}

describe('criticalPaths', () => {
  it('are as long as an exhaustive search finds', () => {
    // Whole seconds, so that sums are exact whatever their order.
    const seconds = fc.array(fc.nat(50), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(randomEdges, seconds, (edges, times) => {
        const { nodes } = planOfEdges(edges);
        const paths = criticalPaths(nodes, ({ index }) => times[index] as number);
        expect([...paths]).toEqual(edges.map((_, index) => longestWay(edges, times, index)));
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

describe('priority', () => {
  it('puts nodes that read temporary bytes first, then a chain that is under way, and the longer path first among equals', () => {
    expect(priority(1, 'reads temporary bytes')).toBeGreaterThan(priority(1e9, 'continues a chain'));
    expect(priority(1, 'continues a chain')).toBeGreaterThan(priority(1e9, 'usual'));
    expect(priority(2, 'continues a chain')).toBeGreaterThan(priority(1, 'continues a chain'));
    expect(priority(2, 'usual')).toBeGreaterThan(priority(1, 'usual'));
  });
});
