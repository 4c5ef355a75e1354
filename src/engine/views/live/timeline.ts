import type { RunHead, Timeline } from './protocol.ts';
import type { RunView } from './run/run-view.ts';

const LETTERS = { executed: 'e', failed: 'f', lost: 'l' } as const;

/** Attempts from a position on, by column. */
export function timeline({ table, states }: RunView, head: RunHead, from: number): Timeline {
  const attempts = states.attempts.slice(from);
  return {
    head,
    lanes: states.lanes,
    stages: table.stages.map(({ name }) => name),
    from: Math.min(from, states.attempts.length),
    node: attempts.map(({ node }) => node),
    stage: attempts.map(({ node }) => table.stageOf[node] as number),
    lane: attempts.map((attempt) => states.laneOfAttempt(attempt)),
    start: attempts.map(({ start }) => start),
    end: attempts.map(({ end }) => end),
    outcomes: attempts.map(({ outcome }) => LETTERS[outcome]).join(''),
    failed: attempts.flatMap(({ node, outcome }, at) =>
      outcome === 'executed' ? [] : [{ at, node: table.ids[node] as string }],
    ),
    running: states.runningNodes(),
  };
}
