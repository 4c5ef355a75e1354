import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../../src/engine/views/live/critical-path.ts';
import { planOf, planStage } from '../../run/plans.ts';

const one = (node: number) => ({ kind: 'one' as const, name: `i${node}`, source: { node, output: 'out' } });
const stage = planStage('n');
const { nodes } = planOf([
  { stage, coordinates: { at: 0 } },
  { stage, coordinates: { at: 1 } },
  { stage, coordinates: { at: 2 }, inputs: [one(0)] },
  { stage, coordinates: { at: 3 }, inputs: [one(1), one(2)] },
]);

describe('the critical path', () => {
  it('is the chain that takes longest, without what takes no time', () => {
    expect(criticalPath(nodes, 'remaining', (index) => [1, 4, 2, 1][index] as number)).toEqual({
      kind: 'remaining',
      seconds: 5,
      nodes: ['n/1', 'n/3'],
      length: 2,
    });
    expect(criticalPath(nodes, 'taken', (index) => [3, 1, 0, 2][index] as number)).toEqual({
      kind: 'taken',
      seconds: 5,
      nodes: ['n/0', 'n/3'],
      length: 2,
    });
  });

  it('is none where nothing takes time', () => {
    expect(criticalPath(nodes, 'remaining', () => 0)).toBeNull();
    expect(criticalPath([], 'taken', () => 1)).toBeNull();
  });
});
