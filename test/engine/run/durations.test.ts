import { describe, expect, it } from 'vitest';
import { durationName, knownDurations } from '../../../src/engine/run/durations.ts';
import { recordOf } from '../store/fixtures.ts';
import { planOf, planStage } from './plans.ts';

const { nodes } = planOf([
  { stage: planStage('train'), coordinates: { architecture: 'fnn', epoch: 1 } },
  { stage: planStage('train'), coordinates: { architecture: 'cnn', epoch: 1 } },
  { stage: planStage('plot') },
]);

const records = [
  recordOf('train/fnn/1', { coordinates: { architecture: 'fnn', epoch: 1 }, seconds: 2 }),
  recordOf('train/fnn/2', { coordinates: { architecture: 'fnn', epoch: 2 }, seconds: 4 }),
  recordOf('train/dfnn/1', { coordinates: { architecture: 'dfnn', epoch: 1 }, seconds: 50 }),
  recordOf('plot', { coordinates: {}, seconds: 1 }),
];

describe('knownDurations', () => {
  it('takes the means of records of the same stage and first coordinate where a run has remembered none', () => {
    const store = { durations: () => ({ plot: 7, 'other/kind': 3 }), records: () => records };
    expect(knownDurations(nodes, store)).toEqual({ plot: 7, 'other/kind': 3, 'train/fnn': 3 });
  });

  it('reads no record if all kinds of the plan are remembered', () => {
    const store = {
      durations: () => ({ plot: 7, 'train/fnn': 1, 'train/cnn': 2 }),
      records: () => {
        throw new Error('not to be read');
      },
    };
    expect(knownDurations(nodes, store)).toEqual({ plot: 7, 'train/fnn': 1, 'train/cnn': 2 });
  });

  it('knows nothing of an empty cache', () => {
    expect(knownDurations(nodes, { durations: () => ({}), records: () => [] })).toEqual({});
  });
});

describe('durationName', () => {
  it('is the stage and its first coordinate', () => {
    const { nodes } = planOf([
      { stage: planStage('plot') },
      { stage: planStage('train'), coordinates: { architecture: 'fnn', seed: 1, epoch: 2 } },
    ]);
    expect(nodes.map(durationName)).toEqual(['plot', 'train/fnn']);
  });
});
