import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/run/events.ts';
import { summaryLines } from '../../src/ui/summary.ts';

const nothing: RunSummary = {
  type: 'summary',
  outcome: 'done',
  executed: 0,
  upToDate: 0,
  cutOff: 0,
  failed: 0,
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
    ['a run', { executed: 12, upToDate: 3, seconds: 95 }, ['done: 12 nodes executed, 3 up to date (1 min 35 s)']],
    [
      'a run with early cutoff',
      { executed: 1, upToDate: 3, cutOff: 7 },
      ['done: 1 node executed, 3 up to date, 7 saved by early cutoff (0.12 s)'],
    ],
    [
      'a failed run',
      { outcome: 'failed', executed: 2, failed: 1, skipped: 4 },
      ['failed: 2 nodes executed, 0 up to date, 1 failed, 4 not run (0.12 s)'],
    ],
    [
      'a run that failed at once',
      { outcome: 'failed', failed: 1 },
      ['failed: 0 nodes executed, 0 up to date, 1 failed (0.12 s)'],
    ],
    [
      'an interrupted run',
      { outcome: 'interrupted', executed: 2, upToDate: 1, skipped: 5 },
      [
        'interrupted: 2 nodes executed, 1 up to date, 5 not run (0.12 s)',
        'everything finished is kept: the same command goes on from here',
      ],
    ],
  ])('of %s', (_, changes, lines) => {
    expect(summaryLines({ ...nothing, ...changes })).toEqual(lines);
  });
});
