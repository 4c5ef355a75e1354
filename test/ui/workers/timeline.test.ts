import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNode, Timeline } from '../../../src/engine/views/live/protocol.ts';
import { barsByLane, firstAfter, pan, zoom } from '../../../ui/views/workers/bars.ts';
import { appendTimeline, busySeconds, withRunning } from '../../../ui/views/workers/timeline.ts';

const timeline = (from: number, nodes: readonly number[]): Timeline => ({
  head: {} as Timeline['head'],
  lanes: [],
  stages: ['data', 'train'],
  from,
  node: nodes,
  stage: nodes.map(() => 1),
  lane: nodes.map((node) => node % 2),
  start: nodes.map((node) => node),
  end: nodes.map((node) => node + 0.5),
  outcomes: nodes.map(() => 'e').join(''),
  failed: nodes.map((node, at) => ({ at, node: `train/${node}` })),
  running: [],
});

describe('a timeline', () => {
  it('takes newer attempts, and ignores a part that does not join', () => {
    const known = timeline(0, [0, 1, 2]);
    const merged = appendTimeline(known, timeline(3, [3, 4]));
    expect(merged.node).toEqual([0, 1, 2, 3, 4]);
    expect(merged.failed.map(({ at, node }) => `${at} ${node}`)).toEqual(
      [0, 1, 2, 3, 4].map((at) => `${at} train/${at}`),
    );
    expect(appendTimeline(known, timeline(2, [2, 3]))).toBe(known);
  });

  it('shows what is under way until now', () => {
    const running = [{ index: 9, node: 'train/9', lane: 1, start: 8 }] as unknown as readonly RunningNode[];
    const columns = withRunning(timeline(0, [0]), running, 10);
    expect({ ...columns, end: columns.end.at(-1) }).toMatchObject({
      node: [0, 9],
      stage: [1, 1],
      lane: [0, 1],
      end: 10,
    });
    expect(busySeconds(columns)).toBe(2.5);
  });
});

describe('the span that is shown', () => {
  const all = { from: 0, to: 100 };

  it('stays within the run, whatever is pressed', () => {
    const move = fc.oneof(
      fc.record({
        factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
        around: fc.double({ min: 0, max: 100, noNaN: true }),
      }),
      fc.record({ share: fc.double({ min: -3, max: 3, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        let span = all;
        for (const each of moves) {
          span = 'share' in each ? pan(span, all, each.share) : zoom(span, all, each.factor, each.around);
          expect(span.from).toBeGreaterThanOrEqual(-1e-9);
          expect(span.to).toBeLessThanOrEqual(100 + 1e-9);
          expect(span.to - span.from).toBeGreaterThan(0.0009);
        }
      }),
    );
  });

  it('keeps the place around which it zooms', () => {
    expect(zoom({ from: 20, to: 40 }, all, 0.5, 30)).toEqual({ from: 25, to: 35 });
    expect(zoom({ from: 20, to: 40 }, all, 0.5, 20)).toEqual({ from: 20, to: 30 });
  });
});

it('finds the first bar that can be seen', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.nat(100), (starts, time) => {
      const end = starts.map((start) => start + 0.5);
      const [bars] = barsByLane(
        starts.map(() => 0),
        starts,
        1,
      );
      if (!bars) throw new Error('no lane');
      const found = firstAfter(bars, end, time);
      const ends = [...bars.at].map((at) => end[at] as number);
      expect(ends.slice(0, found).every((each) => each < time)).toBe(true);
      expect(ends.slice(found).every((each) => each >= time)).toBe(true);
    }),
  );
});
