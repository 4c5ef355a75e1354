import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../../src/engine/store/store.ts';
import { timelines } from '../../../../src/engine/views/report/timeline.ts';
import { recordOf } from '../../store/fixtures.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 2) + seconds * 1000).toISOString();

function made(node: string, start: number, seconds: number, run = 'first') {
  return recordOf(node, { startedAt: at(start), seconds, run });
}

describe('timelines', () => {
  it('gives nodes that ran at the same time lanes of their own', () => {
    const [run] = timelines(
      [made('a/1', 10, 5), made('b/1', 12, 5), made('a/2', 15, 5), made('b/2', 30, 1)],
      () => undefined,
    );
    expect(run).toMatchObject({ run: 'first', startedAt: at(10), seconds: 21, hosts: ['here'] });
    expect(run?.lanes).toEqual([
      [
        { stage: 'a', start: 0, end: 10, nodes: 2 },
        { stage: 'b', start: 20, end: 21, nodes: 1 },
      ],
      [{ stage: 'b', start: 2, end: 7, nodes: 1 }],
    ]);
  });

  it('draws neighbours of one stage as one bar only where the gap cannot be seen', () => {
    const [run] = timelines([made('a/1', 0, 1), made('a/2', 1.5, 1), made('a/3', 2.501, 1)], () => undefined);
    expect(run?.lanes.flat().map(({ nodes }) => nodes)).toEqual([1, 2]);
  });

  it('keeps the longest runs, in the order in which they ran, with what is known of them', () => {
    const runs = Array.from({ length: 8 }, (_, n) => made('a/1', 100 * n, n === 0 ? 50 : n, `run ${n}`));
    const recorded = { command: ['run', '-p', 'smoke'], state: 'done' } as unknown as RunRecord;
    const shown = timelines(runs, (id) => (id === 'run 7' ? recorded : undefined));
    expect(shown.map(({ run }) => run)).toEqual(['run 0', 'run 3', 'run 4', 'run 5', 'run 6', 'run 7']);
    expect(shown[5]).toMatchObject({ command: 'vmfdag run -p smoke', outcome: 'done' });
    expect(shown[0]).toMatchObject({ command: undefined, outcome: undefined });
  });
});
