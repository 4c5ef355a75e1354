import type { ArtefactDigest } from '../../base/digest.ts';
import { inputDigests } from '../../keys/input-digests.ts';
import type { Attempt, RunManifest } from '../../store/run-manifest.ts';
import type { NodeRecord, RunRecord } from '../../store/store.ts';
import { commandLine } from './command-line.ts';
import { stageOf } from './stage-of.ts';

/** An event of the Trace Event Format, as Perfetto and chrome://tracing read it; times in microseconds. */
export interface TraceEvent {
  readonly ph: 'M' | 'X' | 's' | 'f';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly cname?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number | boolean>>;
}

export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
}

/** Colour names that the format reserves: stages use them in turn. */
const COLOURS = [
  'thread_state_running',
  'rail_response',
  'thread_state_iowait',
  'rail_animation',
  'rail_load',
  'startup',
  'vsync_highlight_color',
  'rail_idle',
  'good',
  'cq_build_running',
] as const;

const FAILED_COLOUR = 'terrible';

/**
 * One track for each worker, one slice for each attempt, and an arrow from each node to those executed nodes that read from it.
 *
 * @param recordOf the record under a key, for the arrows; undefined where it was removed
 */
export function chromeTrace(
  run: RunRecord,
  manifest: RunManifest,
  journal: readonly Attempt[],
  recordOf: (attempt: Attempt) => NodeRecord | undefined,
): ChromeTrace {
  const stages = [...new Set(manifest.nodes.map(({ node }) => stageOf(node)))];
  const colours = new Map(stages.map((stage, index) => [stage, COLOURS[index % COLOURS.length] as string]));
  const nameOf = ({ node }: Attempt) => manifest.nodes[node]?.node ?? `node ${node}`;
  const workers = [...new Map(journal.map((attempt) => [attempt.worker, laneOf(attempt)]))].sort(([a], [b]) => a - b);
  const slices = journal.map((attempt): TraceEvent => {
    const stage = stageOf(nameOf(attempt));
    const colour = attempt.outcome === 'executed' ? colours.get(stage) : FAILED_COLOUR;
    return {
      ph: 'X',
      name: nameOf(attempt),
      cat: stage,
      pid: 1,
      tid: attempt.worker,
      ts: microseconds(attempt.start),
      dur: microseconds(attempt.end) - microseconds(attempt.start),
      ...(colour ? { cname: colour } : {}),
      args: argumentsOf(attempt, stage),
    };
  });
  return {
    traceEvents: [
      { ph: 'M', name: 'process_name', pid: 1, tid: 0, args: { name: `vmfdag ${run.id}` } },
      ...workers.map(
        ([worker, name]): TraceEvent => ({
          ph: 'M',
          name: 'thread_name',
          pid: 1,
          tid: worker,
          args: { name },
        }),
      ),
      ...slices,
      ...arrows(journal, recordOf),
    ],
    displayTimeUnit: 'ms',
    otherData: { run: run.id, startedAt: run.startedAt, command: commandLine(run.command) },
  };
}

function argumentsOf(attempt: Attempt, stage: string): NonNullable<TraceEvent['args']> {
  const { executor, host, queued } = attempt;
  return {
    stage,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    'seconds in the stage': attempt.seconds,
    ...(queued === undefined ? {} : { 'seconds in the queue': queued }),
    ...(executor === undefined ? {} : { executor }),
    ...(host === undefined ? {} : { host }),
  };
}

function arrows(
  journal: readonly Attempt[],
  recordOf: (attempt: Attempt) => NodeRecord | undefined,
): readonly TraceEvent[] {
  const executed = journal.filter(({ outcome }) => outcome === 'executed');
  const records = new Map(executed.map((attempt) => [attempt, recordOf(attempt)]));
  const makers = new Map<ArtefactDigest, Attempt>();
  const events: TraceEvent[] = [];
  let id = 0;
  // In the order in which they ended: an earlier one made what a node reads.
  for (const [attempt, record] of records) {
    const sources = new Set(
      Object.values(record?.inputs ?? {})
        .flatMap(inputDigests)
        .map((digest) => makers.get(digest)),
    );
    for (const source of sources) {
      if (!source) continue;
      id++;
      const common = { name: 'input', cat: 'input', pid: 1, id };
      events.push(
        { ph: 's', ...common, tid: source.worker, ts: microseconds(source.end) },
        { ph: 'f', bp: 'e', ...common, tid: attempt.worker, ts: microseconds(attempt.start) },
      );
    }
    for (const { digest } of Object.values(record?.outputs ?? {})) makers.set(digest, attempt);
  }
  return events;
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}

/** `worker 1`, or `gpu1 1001, host node7`: numbers of slots are unique in a run. */
export function laneOf({ worker, executor, host }: Attempt): string {
  if (executor === undefined) return `worker ${worker}`;
  return host === undefined ? `${executor} ${worker}` : `${executor} ${worker}, host ${host}`;
}
