import { describe, expect, it } from 'vitest';
import type { RunTimeline } from '../../../src/engine/views/report/report-content.ts';
import { stageColours } from '../../../ui/report/stage-colours.ts';

function timeline(seconds: readonly number[]): RunTimeline {
  const lanes = seconds.map((end, index) => [{ stage: `stage ${index}`, start: 0, end, nodes: 1 }]);
  return {
    run: 'run',
    startedAt: '2026-01-02T03:04:05.000Z',
    command: 'run',
    outcome: 'done',
    hosts: ['here'],
    seconds: Math.max(...seconds),
    lanes,
  };
}

describe('colours of stages', () => {
  it('are their own for those that took longest, over all runs, and one for the others', () => {
    const { legend, colourOf } = stageColours([
      timeline([1, 9, 2, 8, 3, 7, 4, 6]),
      timeline([0, 0, 0, 0, 0, 0, 0, 0, 5]),
    ]);
    expect(legend.map(({ name }) => name)).toEqual([
      'stage 1',
      'stage 3',
      'stage 5',
      'stage 7',
      'stage 8',
      'stage 6',
      'stage 4',
      '2 other stages',
    ]);
    expect(new Set(legend.map(({ colour }) => colour)).size).toBe(8);
    for (const stage of ['stage 0', 'stage 2']) expect(colourOf(stage)).toBe(legend.at(-1)?.colour);
    expect(colourOf('stage 1')).toBe(legend[0]?.colour);
  });

  it('name the last stage where it is the only other one, and no others where there are none', () => {
    expect(stageColours([timeline([8, 7, 6, 5, 4, 3, 2, 1])]).legend.at(-1)?.name).toBe('stage 7');
    expect(stageColours([timeline([1, 2])]).legend).toHaveLength(2);
  });
});
