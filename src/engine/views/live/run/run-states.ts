import type { LiveEntry, PulseEntry, StartedAttempt } from '../../../run/live/live-entry.ts';
import { eachOf } from '../../../run/live/ranges.ts';
import type { MetricValue } from '../../../store/metric-series.ts';
import type { Attempt, NodeOutcome } from '../../../store/run-manifest.ts';
import { NodeMetrics } from '../../../workers/metrics/node-metrics.ts';
import { type RemainingEstimate, RemainingTime } from '../../terminal/remaining-time.ts';
import { type Lane, type NodeStateName, type Notice, type RunningNode, STATES } from '../protocol.ts';
import type { NodeTable } from './node-table.ts';

const NOTICES_SHOWN = 20;
const METRICS_SHOWN = 8;

const [WAITING, STALE, RUNNING] = [STATES.indexOf('waiting'), STATES.indexOf('stale'), STATES.indexOf('running')];

/** States in which a node takes no more time. */
const isDecided = (state: number) => state !== WAITING && state !== RUNNING && state !== STALE;

/** What is known of a node that is executed. */
interface Running {
  readonly started: StartedAttempt;
  /** Its state when the attempt has ended, unless that decides another one. */
  after: number;
  fraction: number | null;
  readonly latest: Map<string, MetricValue>;
  readonly metrics: NodeMetrics;
}

/** The states of the nodes of a run by now, with what has changed since which version. */
export class RunStates {
  readonly table: NodeTable;
  /** Positions in `STATES`, by node. */
  readonly states: Uint8Array;
  /** Seconds of the last attempt, by node; NaN where there was none. */
  readonly seconds: Float64Array;
  /** By stage and state. */
  readonly counts: readonly Int32Array[];
  readonly attempts: Attempt[] = [];
  readonly lanes: Lane[] = [];
  readonly notices: Notice[] = [];
  isStopping = false;
  /** Grows with each change. */
  version = 0;
  /** By node and by stage, the version at which it last changed. */
  private readonly changedAt: Float64Array;
  private readonly stageChangedAt: Float64Array;
  private readonly running = new Map<number, Running>();
  private readonly laneOf = new Map<string, number>();
  private readonly measured: { count: number; seconds: number }[];
  private readonly remaining: RemainingTime;
  private readonly knownSeconds: (index: number) => number | undefined;

  /**
   * @param durations mean seconds of earlier nodes, by the name under which they are kept
   * @param knownSeconds what a node will take
   */
  constructor(
    table: NodeTable,
    jobs: number,
    durations: Readonly<Record<string, number>>,
    knownSeconds: (index: number) => number | undefined,
  ) {
    this.table = table;
    const { length } = table.ids;
    this.states = new Uint8Array(length);
    this.seconds = new Float64Array(length).fill(Number.NaN);
    this.changedAt = new Float64Array(length);
    this.stageChangedAt = new Float64Array(table.stages.length);
    this.counts = table.stages.map(({ nodes }) => {
      const counts = new Int32Array(STATES.length);
      counts[WAITING] = nodes.length;
      return counts;
    });
    this.measured = table.stages.map(() => ({ count: 0, seconds: 0 }));
    this.remaining = new RemainingTime(table.ids, () => durations, jobs);
    this.knownSeconds = knownSeconds;
  }

  /** @param version of the state after this entry */
  apply(entry: LiveEntry, version: number, startedAt: number): void {
    this.version = version;
    for (const started of entry.started ?? []) this.begin(started);
    for (const attempt of entry.ended ?? []) this.end(attempt);
    for (const [outcome, ranges] of Object.entries(entry.decided ?? {})) {
      eachOf(ranges, (index) => this.decide(index, STATES.indexOf(outcome as NodeOutcome)));
    }
    for (const index of entry.reopened ?? []) this.decide(index, WAITING);
    for (const { at, ...notice } of entry.notices ?? []) {
      this.notices.push({ ...notice, at: new Date(startedAt + at * 1000).toISOString() });
    }
    this.notices.splice(0, this.notices.length - NOTICES_SHOWN);
    if (entry.isStopping) this.isStopping = true;
  }

  /** The newest progress and values. They change no version: all of them are told again. */
  pulse({ nodes }: PulseEntry): void {
    for (const { node, fraction, values } of nodes) {
      const running = this.running.get(node);
      if (!running) continue;
      if (fraction !== undefined) running.fraction = fraction;
      for (const value of values ?? []) {
        running.latest.set(value.name, value);
        running.metrics.add(value.name, Number(value.value), value.step);
      }
    }
  }

  /** Enters how each node ended, and all attempts. Only what differs changes. */
  settle(states: Uint8Array, attempts: readonly Attempt[], version: number): void {
    this.version = version;
    for (const { started } of [...this.running.values()]) this.running.delete(started.node);
    for (const attempt of attempts.slice(this.attempts.length)) this.end(attempt);
    for (let index = 0; index < states.length; index++) this.setState(index, states[index] as number);
  }

  runningNodes(): readonly RunningNode[] {
    return [...this.running.values()].map((each) => this.runningNode(each));
  }

  runningNodeAt(index: number): RunningNode | undefined {
    const running = this.running.get(index);
    return running && this.runningNode(running);
  }

  /** What a running node has told so far. */
  liveMetrics(index: number): ReturnType<NodeMetrics['series']> {
    return this.running.get(index)?.metrics.series() ?? [];
  }

  /** The newest value of each metric of a running node. */
  latestValues(index: number): readonly MetricValue[] {
    return [...(this.running.get(index)?.latest.values() ?? [])];
  }

  /** Nodes that have changed after a version. */
  changedSince(version: number): readonly number[] {
    const changed: number[] = [];
    for (let index = 0; index < this.changedAt.length; index++) {
      if ((this.changedAt[index] as number) > version) changed.push(index);
    }
    return changed;
  }

  stagesChangedSince(version: number): readonly number[] {
    return this.table.stages.flatMap((_, stage) => ((this.stageChangedAt[stage] as number) > version ? [stage] : []));
  }

  totals(): readonly number[] {
    const totals: number[] = new Array(STATES.length).fill(0);
    for (const counts of this.counts)
      for (const [state, count] of counts.entries()) totals[state] = (totals[state] as number) + count;
    return totals;
  }

  meanSeconds(stage: number): number | null {
    const { count, seconds } = this.measured[stage] ?? { count: 0, seconds: 0 };
    return count > 0 ? seconds / count : null;
  }

  estimate(): RemainingEstimate {
    return this.remaining.estimate();
  }

  stateOf(index: number): NodeStateName {
    return STATES[this.states[index] as number] as NodeStateName;
  }

  private begin(started: StartedAttempt): void {
    const { node } = started;
    if (!this.has(node)) return;
    this.laneFor(started);
    const after = this.running.get(node)?.after ?? (this.states[node] as number);
    const metrics = new NodeMetrics({ tell: () => {}, warn: () => {}, mask: (name) => name });
    this.running.set(node, { started, after, fraction: null, latest: new Map(), metrics });
    this.setState(node, RUNNING);
  }

  private end(attempt: Attempt): void {
    const { node, seconds, outcome } = attempt;
    if (!this.has(node)) return;
    this.attempts.push(attempt);
    this.laneFor(attempt);
    const running = this.running.get(node);
    if (running && running.started.attempt <= attempt.attempt) {
      this.running.delete(node);
      // What it is now is told by the decision; without one, it is tried again or was restored.
      this.setState(node, running.after);
    }
    this.seconds[node] = seconds;
    this.touch(node);
    if (outcome !== 'executed') return;
    this.remaining.measure(this.table.ids[node] as (typeof this.table.ids)[number], seconds);
    const measured = this.measured[this.table.stageOf[node] as number];
    if (!measured) return;
    measured.count++;
    measured.seconds += seconds;
  }

  /** A journal may be of another plan than the one that the pipeline file gives by now. */
  private has(index: number): boolean {
    return index >= 0 && index < this.states.length;
  }

  private decide(index: number, state: number): void {
    if (!this.has(index)) return;
    const running = this.running.get(index);
    // It is executed although it is decided: for its bytes, or by an audit.
    if (running) running.after = state;
    else this.setState(index, state);
  }

  private setState(index: number, state: number): void {
    const before = this.states[index] as number;
    if (before === state) return;
    const stage = this.table.stageOf[index] as number;
    const counts = this.counts[stage] as Int32Array;
    counts[before] = (counts[before] as number) - 1;
    counts[state] = (counts[state] as number) + 1;
    this.states[index] = state;
    const id = this.table.ids[index] as (typeof this.table.ids)[number];
    if (isDecided(state) && !isDecided(before)) this.remaining.close(id);
    if (!isDecided(state) && isDecided(before)) this.remaining.open(id);
    this.touch(index);
  }

  private touch(index: number): void {
    this.changedAt[index] = this.version;
    this.stageChangedAt[this.table.stageOf[index] as number] = this.version;
  }

  private laneFor({ worker, executor, host }: Pick<Attempt, 'worker' | 'executor' | 'host'>): number {
    const name = `${executor ?? ''} ${worker}`;
    const known = this.laneOf.get(name);
    if (known !== undefined) {
      const lane = this.lanes[known] as Lane;
      if (host !== undefined && lane.host === null) this.lanes[known] = { ...lane, host };
      return known;
    }
    this.laneOf.set(name, this.lanes.length);
    return this.lanes.push({ worker, executor: executor ?? null, host: host ?? null }) - 1;
  }

  /** The position in `lanes` of what executed an attempt. */
  laneOfAttempt({ worker, executor }: Pick<Attempt, 'worker' | 'executor'>): number {
    return this.laneOf.get(`${executor ?? ''} ${worker}`) ?? -1;
  }

  private runningNode({ started, fraction, latest }: Running): RunningNode {
    const { node: index, attempt, start, reason } = started;
    return {
      index,
      node: this.table.ids[index] as string,
      attempt,
      lane: this.laneOfAttempt(started),
      start,
      fraction,
      expectedSeconds: this.knownSeconds(index) ?? null,
      metrics: [...latest.values()].slice(0, METRICS_SHOWN),
      reason,
    };
  }
}
