import type { RunningNode, Timeline } from '../../../src/engine/views/live/protocol.ts';
import { stageOf } from '../../address/stage-of.ts';

/** A timeline with its newer attempts. A part that does not join is ignored. */
export function appendTimeline(known: Timeline, part: Timeline): Timeline {
  if (part.from !== known.node.length) return known;
  const shift = known.node.length;
  return {
    ...part,
    from: 0,
    node: [...known.node, ...part.node],
    stage: [...known.stage, ...part.stage],
    lane: [...known.lane, ...part.lane],
    start: [...known.start, ...part.start],
    end: [...known.end, ...part.end],
    outcomes: known.outcomes + part.outcomes,
    failed: [...known.failed, ...part.failed.map((each) => ({ ...each, at: each.at + shift }))],
  };
}

type Columns = Pick<Timeline, 'stages' | 'node' | 'stage' | 'lane' | 'start' | 'end' | 'outcomes'>;

/** The attempts that have ended, and those that are under way, which end now. */
export function withRunning(timeline: Timeline, running: readonly RunningNode[], now: number): Columns {
  const { stages, node, stage, lane, start, end, outcomes } = timeline;
  const under = running.filter((each) => each.lane >= 0);
  if (under.length === 0) return timeline;
  return {
    stages,
    node: [...node, ...under.map(({ index }) => index)],
    stage: [...stage, ...under.map((each) => stages.indexOf(stageOf(each.node)))],
    lane: [...lane, ...under.map((each) => each.lane)],
    start: [...start, ...under.map((each) => each.start)],
    end: [...end, ...under.map((each) => Math.max(now, each.start))],
    outcomes: outcomes + 'e'.repeat(under.length),
  };
}

/** How long workers executed nodes, together. */
export function busySeconds({ start, end }: Pick<Timeline, 'start' | 'end'>): number {
  return end.reduce((sum, each, at) => sum + each - (start[at] as number), 0);
}
