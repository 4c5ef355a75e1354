import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../src/engine/base/digest.ts';
import type { NodeRecord } from '../../../../src/engine/store/store.ts';
import { chromeTrace } from '../../../../src/engine/views/runs/chrome-trace.ts';
import { recordOf } from '../../store/fixtures.ts';
import { attemptOf, manifestOf, runOf } from './runs.ts';

const artefact = (text: string) => digestBytes<ArtefactDigest>(text);
const output = (text: string) => ({ out: { type: 'bytes' as const, digest: artefact(text), bytes: 1 } });

const records: readonly NodeRecord[] = [
  recordOf('train/1', { outputs: output('weights') }),
  recordOf('train/2', { inputs: { in: { kind: 'one', digest: artefact('weights') } }, outputs: output('more') }),
  recordOf('plot', {
    inputs: {
      all: {
        kind: 'many',
        items: ['weights', 'more', 'older'].map((text) => ({ coordinates: {}, digest: artefact(text) })),
      },
    },
  }),
];
const manifest = manifestOf([
  ['train/1', 'a'],
  ['train/2', 'b'],
  ['plot', 'c'],
]);
const journal = [
  attemptOf(0, 0, 1),
  attemptOf(1, 1, 1.5, { worker: 2, outcome: 'failed' }),
  attemptOf(1, 1.5, 3, { attempt: 2 }),
  attemptOf(2, 3, 3.25, { worker: 2 }),
];

describe('chromeTrace', () => {
  const { traceEvents } = chromeTrace(runOf(), manifest, journal, ({ node }) => records[node]);
  const phase = (wanted: string) => traceEvents.filter(({ ph }) => ph === wanted);

  it('has a track for each worker', () => {
    expect(phase('M').map(({ tid, args }) => [tid, args?.name])).toEqual([
      [0, 'vmfdag 20260102T030405-abcdef'],
      [1, 'worker 1'],
      [2, 'worker 2'],
    ]);
  });

  it('has a slice for each attempt, in microseconds, one colour for each stage and another for failures', () => {
    const slices = phase('X');
    expect(slices.map(({ name, tid, ts, dur, cat }) => [name, tid, ts, dur, cat])).toEqual([
      ['train/1', 1, 0, 1_000_000, 'train'],
      ['train/2', 2, 1_000_000, 500_000, 'train'],
      ['train/2', 1, 1_500_000, 1_500_000, 'train'],
      ['plot', 2, 3_000_000, 250_000, 'plot'],
    ]);
    const [first, failed, again, plot] = slices.map(({ cname }) => cname);
    expect(again).toBe(first);
    expect(new Set([first, failed, plot]).size).toBe(3);
    expect(failed).toBe('terrible');
  });

  it('has an arrow from each node to those that read from it', () => {
    const ends = new Map(phase('f').map((event) => [event.id, event]));
    expect(phase('s').map((event) => [event.ts, event.tid, ends.get(event.id)?.ts, ends.get(event.id)?.tid])).toEqual([
      [1_000_000, 1, 1_500_000, 1],
      [1_000_000, 1, 3_000_000, 2],
      [3_000_000, 1, 3_000_000, 2],
    ]);
  });

  it('draws no arrows where records are missing', () => {
    const bare = chromeTrace(runOf(), manifest, journal, () => undefined);
    expect(bare.traceEvents.filter(({ ph }) => ph === 's' || ph === 'f')).toEqual([]);
  });
});
