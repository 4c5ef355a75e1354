import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../../src/engine/run/events.ts';
import { summaryLines } from '../../../../src/engine/views/terminal/summary-lines.ts';

const nothing: RunSummary = {
  type: 'summary',
  outcome: 'done',
  executed: 0,
  restored: 0,
  audited: 0,
  fetched: 0,
  upToDate: 0,
  cutOff: 0,
  failed: 0,
  misconfigured: 0,
  skipped: 0,
  seconds: 0.123,
};

describe('summaryLines', () => {
  it.each<[string, Partial<RunSummary>, string[]]>([
    [
      'an up-to-date run',
      { upToDate: 10_000 },
      ['up to date: 0 nodes executed, 10,000 nodes found in the cache (0.12 s)'],
    ],
    [
      'a run',
      { executed: 12, restored: 0, audited: 0, fetched: 0, upToDate: 3, seconds: 95 },
      ['done: 12 nodes executed, 3 up to date (1 min 35 s)'],
    ],
    [
      'a run with early cutoff',
      { executed: 1, restored: 0, audited: 0, fetched: 0, upToDate: 3, cutOff: 7 },
      ['done: 1 node executed, 3 up to date, 7 saved by early cutoff (0.12 s)'],
    ],
    [
      'a failed run',
      { outcome: 'failed', executed: 2, restored: 0, audited: 0, fetched: 0, failed: 1, skipped: 4 },
      ['failed: 2 nodes executed, 0 up to date, 1 failed, 4 not run (0.12 s)'],
    ],
    [
      'a run that failed at once',
      { outcome: 'failed', failed: 1 },
      ['failed: 0 nodes executed, 0 up to date, 1 failed (0.12 s)'],
    ],
    [
      'an interrupted run',
      { outcome: 'interrupted', executed: 2, restored: 0, audited: 0, fetched: 0, upToDate: 1, skipped: 5 },
      [
        'interrupted: 2 nodes executed, 1 up to date, 5 not run (0.12 s)',
        'everything finished is kept: the same command goes on from here',
      ],
    ],
    [
      'a run that took a while',
      {
        executed: 12,
        seconds: 95,
        timing: {
          criticalPath: { seconds: 62.25, nodes: 5, from: 'download', to: 'plot' },
          efficiency: 0.8749,
          stages: [
            { stage: 'train', nodes: 8, seconds: 100 },
            { stage: 'sample', nodes: 1, seconds: 60 },
            { stage: 'download', nodes: 1, seconds: 4.25 },
            { stage: 'plot', nodes: 2, seconds: 2 },
          ],
        },
      },
      [
        'done: 12 nodes executed, 0 up to date (1 min 35 s)',
        'critical path 1 min 2 s (5 nodes, download to plot)',
        'workers busy 87 % of the time; slowest: train 1 min 40 s, sample 1 min 0 s, download 4.3 s',
      ],
    ],
    [
      'a run of a single node that took a while',
      {
        executed: 1,
        seconds: 5,
        timing: {
          criticalPath: { seconds: 4, nodes: 1, from: 'train/1', to: 'train/1' },
          efficiency: 0.4,
          stages: [{ stage: 'train', nodes: 1, seconds: 4 }],
        },
      },
      [
        'done: 1 node executed, 0 up to date (5.0 s)',
        'critical path 4.0 s (train/1)',
        'workers busy 40 % of the time; slowest: train 4.0 s',
      ],
    ],
  ])('of %s', (_, changes, lines) => {
    expect(summaryLines({ ...nothing, ...changes })).toEqual(lines);
  });
});
