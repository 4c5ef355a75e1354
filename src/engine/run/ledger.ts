import type { NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { NodeId, PlanNode } from '../plan/plan.ts';
import { recordedId } from '../plan/recorded-id.ts';
import { describeReason } from '../staleness/describe-reason.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import type { FailedAttempt } from '../store/failed-attempt.ts';
import type { Attempt, NodeOutcome, RunManifest, RunProgress } from '../store/run-manifest.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Task } from './task.ts';

type AttemptedTask = Pick<Task, 'subject' | 'reason' | 'attempt'>;
type FailedOutcome = Extract<JobOutcome, { kind: 'failed' }>;

/** One attempt. Times are in seconds since the run began; `end` is when the worker could take another node. */
export type AttemptTimes = Pick<Attempt, 'worker' | 'start' | 'end' | 'executor' | 'host' | 'queued'>;

/** The account of one run: each node's key and outcome, and which worker executed it when. */
export class RunLedger {
  private readonly request: RunRequest;
  private readonly startedAt: number;
  /** By node index, of all that was decided. */
  readonly keys: (NodeKey | null)[];
  readonly outcomes: NodeOutcome[];
  /** All attempts that have ended. */
  readonly attempts: Attempt[] = [];
  /** The failures that are not recorded yet. */
  private readonly failures: FailedAttempt[] = [];
  /** Nodes that were decided, or are no longer, in the order in which that happened. */
  readonly decisions: number[] = [];
  /** How many decisions and attempts there were when the progress was last taken. */
  private taken = { decisions: 0, attempts: 0 };

  /** @param startedAt milliseconds since 1970 */
  constructor(request: RunRequest, startedAt: number) {
    this.request = request;
    this.startedAt = startedAt;
    this.keys = new Array(request.plan.nodes.length).fill(null);
    this.outcomes = new Array(request.plan.nodes.length).fill('skipped');
  }

  /** @param key null for a node that is cut short, or that is skipped since it is no longer up to date */
  decide({ index }: PlanNode, key: NodeKey | null, outcome: NodeOutcome): void {
    this.keys[index] = key;
    this.outcomes[index] = outcome;
    this.decisions.push(index);
  }

  /** The nodes that have an outcome by now. */
  nodesThatAre(outcome: NodeOutcome): readonly PlanNode[] {
    return this.request.plan.nodes.filter(({ index }) => this.outcomes[index] === outcome);
  }

  /** The keys of nodes that are cut off, by the ids under which the cache knows these. Nobody has committed anything for them. */
  cutOffKeys(): ReadonlyMap<NodeId, NodeKey> {
    return new Map(this.nodesThatAre('cut off').map((node) => [recordedId(node), this.keys[node.index] as NodeKey]));
  }

  /** An attempt has ended. */
  attempted({ subject, reason, attempt }: AttemptedTask, outcome: JobOutcome, times: AttemptTimes): void {
    // It was not tried.
    if (outcome.kind === 'refused') return;
    const seconds = outcome.kind === 'committed' ? outcome.seconds : times.end - times.start;
    const became = outcome.kind === 'committed' ? 'executed' : outcome.kind === 'failed' ? 'failed' : 'lost';
    const node = subject.node.index;
    this.attempts.push({ node, attempt, ...times, seconds, reason: describeReason(reason), outcome: became });
  }

  /** Keeps how the last attempt to execute a node failed. */
  failed({ subject: { node, key }, reason, attempt }: AttemptedTask, { kind: _, ...failure }: FailedOutcome): void {
    const { start = 0, end = 0 } = this.attempts.findLast((each) => each.node === node.index) ?? {};
    const startedAt = new Date(this.startedAt + start * 1000).toISOString();
    const attempted = { node: node.id, key, attempt, reason: describeReason(reason), startedAt, seconds: end - start };
    this.failures.push({ ...attempted, ...failure });
  }

  takeFailures(): readonly FailedAttempt[] {
    return this.failures.splice(0);
  }

  /** @param params those of the pipeline */
  manifest(params: JsonObject): RunManifest {
    const { plan, fingerprints } = this.request;
    return {
      params,
      code: Object.fromEntries([...fingerprints].map(([stage, code]) => [stage.name, code])),
      targets: plan.targets,
      nodes: plan.nodes.map(({ id }, index) => ({ node: id, ...this.decision(index) })),
    };
  }

  /** What has happened since the last call. */
  takeProgress(): RunProgress {
    const recent = this.decisions.slice(this.taken.decisions).filter((index) => this.keys[index] !== null);
    const decided = recent.map((index) => ({ index, ...this.decision(index) })) as RunProgress['decided'];
    const attempts = this.attempts.slice(this.taken.attempts);
    this.taken = { decisions: this.decisions.length, attempts: this.attempts.length };
    return { decided, attempts };
  }

  private decision(index: number): { readonly key: NodeKey | null; readonly outcome: NodeOutcome } {
    return { key: this.keys[index] as NodeKey | null, outcome: this.outcomes[index] as NodeOutcome };
  }
}
