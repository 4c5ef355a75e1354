import { type Delta, type RunHead, STATES } from './protocol.ts';
import type { RunView } from './run/run-view.ts';

/** A page that missed more changes loads its view again: that is less work than to tell them. */
const MOST_NODES = 20_000;

/** What has changed in a view since a version, or that a page has to load it again. @param node whose values and log the page shows */
export function liveDelta(view: RunView, since: number, head: RunHead, node: number | undefined): Delta | 'reset' {
  const { states, live } = view;
  if (since > states.version) return 'reset';
  const changed = states.changedSince(since);
  if (changed.length > MOST_NODES) return 'reset';
  let digits = '';
  for (const index of changed) digits += states.states[index];
  return {
    head,
    stages: states.stagesChangedSince(since).map((stage) => ({
      stage,
      counts: [...(states.counts[stage] ?? new Array(STATES.length).fill(0))],
      meanSeconds: states.meanSeconds(stage),
    })),
    nodes: { index: changed, states: digits, seconds: changed.map((index) => secondsAt(states.seconds, index)) },
    running: states.runningNodes(),
    lanes: states.lanes,
    attempts: states.attempts.length,
    node: node === undefined ? null : { metrics: states.latestValues(node), logEnd: logEnd(live?.log(node)) },
  };
}

function secondsAt(seconds: Float64Array, index: number): number | null {
  const value = seconds[index] as number;
  return Number.isNaN(value) ? null : value;
}

function logEnd(log: { readonly first: number; readonly bytes: Buffer } | undefined): number {
  return log ? log.first + log.bytes.length : 0;
}
