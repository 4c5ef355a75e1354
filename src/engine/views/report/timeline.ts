import type { NodeRecord, RunRecord } from '../../store/store.ts';
import { commandLine } from '../runs/command-line.ts';
import type { RunState } from '../runs/describe-run.ts';
import type { RunTimeline, TimelineBar } from './report-content.ts';

/** A bar narrower than this share of a run looks the same as its neighbour: touching bars of one stage become one. */
const NARROW = 1 / 1000;

/** A worker takes its next node while the last one is still being committed: so small an overlap is none. */
const OVERLAP_SECONDS = 0.1;

/** Further runs made too little of what is shown to deserve a picture. */
const SHOWN_RUNS = 6;

/** What a timeline says of a run. */
export interface TimedRun extends Pick<RunRecord, 'command'> {
  readonly state: RunState;
}

/**
 * Lays out when nodes were made, by run and worker, from their records; of many runs, the longest. The record does not name
 * the worker: lanes are filled greedily, which gives as many of them as there were nodes at the same time.
 */
export function timelines(
  records: readonly NodeRecord[],
  runOf: (id: string) => TimedRun | undefined,
): readonly RunTimeline[] {
  const runs = new Map<string, NodeRecord[]>();
  for (const record of records) {
    const members = runs.get(record.run);
    if (members) members.push(record);
    else runs.set(record.run, [record]);
  }
  return [...runs]
    .map(([id, members]) => timeline(id, members, runOf(id)))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SHOWN_RUNS)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

function timeline(run: string, records: readonly NodeRecord[], recorded: TimedRun | undefined): RunTimeline {
  const spans = records
    .map(({ stage, startedAt, seconds }) => {
      const start = Date.parse(startedAt) / 1000;
      return { stage, start, end: start + seconds };
    })
    .sort((a, b) => a.start - b.start);
  const origin = spans[0]?.start ?? 0;
  const seconds = Math.max(0, ...spans.map(({ end }) => end - origin));
  return {
    run,
    startedAt: new Date(origin * 1000).toISOString(),
    command: recorded && commandLine(recorded.command),
    outcome: recorded?.state,
    hosts: [...new Set(records.map(({ host }) => host))],
    seconds,
    lanes: lanes(spans, origin).map((lane) => merge(lane, seconds * NARROW)),
  };
}

interface Span {
  readonly stage: string;
  readonly start: number;
  readonly end: number;
}

function lanes(spans: readonly Span[], origin: number): TimelineBar[][] {
  const found: TimelineBar[][] = [];
  for (const { stage, start, end } of spans) {
    const bar = { stage, start: start - origin, end: end - origin, nodes: 1 };
    const free = found.find((lane) => (lane[lane.length - 1]?.end ?? 0) <= bar.start + OVERLAP_SECONDS);
    if (free) free.push(bar);
    else found.push([bar]);
  }
  return found;
}

function merge(lane: readonly TimelineBar[], narrow: number): readonly TimelineBar[] {
  const merged: TimelineBar[] = [];
  for (const bar of lane) {
    const last = merged[merged.length - 1];
    const touches = last && last.stage === bar.stage && bar.start - last.end <= narrow;
    if (touches) merged[merged.length - 1] = { ...last, end: bar.end, nodes: last.nodes + bar.nodes };
    else merged.push(bar);
  }
  return merged;
}
