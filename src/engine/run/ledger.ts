import type { NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { PlanNode } from '../plan/plan.ts';
import { describeReason } from '../staleness/describe-reason.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import type { FailedAttempt } from '../store/failed-attempt.ts';
import type { Attempt, NodeOutcome, RunManifest, RunProgress } from '../store/run-manifest.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Task } from './task.ts';

type AttemptedTask = Pick<Task, 'subject' | 'reason' | 'attempt'>;
type FailedOutcome = Extract<JobOutcome, { kind: 'failed' }>;

/** One attempt. Times are in seconds since the run began; `end` is when the worker could take another node. */
export interface AttemptTimes {
  readonly worker: number;
  readonly start: number;
  readonly end: number;
}

/** The account of one run: each node's key and outcome, and which worker executed it when. */
export class RunLedger {
  private readonly request: RunRequest;
  private readonly startedAt = Date.now();
  private readonly keys: (NodeKey | null)[];
  private readonly outcomes: NodeOutcome[];
  private readonly attempts: Attempt[] = [];
  /** Numbers of decided nodes and of attempts when the progress was last taken. */
  private recent: number[] = [];
  private taken = 0;
  private failures: FailedAttempt[] = [];

  constructor(request: RunRequest) {
    this.request = request;
    this.keys = new Array(request.plan.nodes.length).fill(null);
    this.outcomes = new Array(request.plan.nodes.length).fill('skipped');
  }

  decide({ index }: PlanNode, key: NodeKey, outcome: NodeOutcome): void {
    this.keys[index] = key;
    this.outcomes[index] = outcome;
    this.recent.push(index);
  }

  /** An attempt has ended. */
  attempted({ subject, reason, attempt }: AttemptedTask, outcome: JobOutcome, times: AttemptTimes): void {
    const { node, key } = subject;
    // A node that is executed again was up to date, and stays so.
    const isFound = this.outcomes[node.index] === 'up to date' || this.outcomes[node.index] === 'cut off';
    const isDecided = outcome.kind === 'committed' || outcome.kind === 'failed';
    if (isDecided && !isFound) this.decide(node, key, outcome.kind === 'committed' ? 'executed' : 'failed');
    const seconds = outcome.kind === 'committed' ? outcome.seconds : times.end - times.start;
    const became = outcome.kind === 'committed' ? 'executed' : outcome.kind === 'failed' ? 'failed' : 'lost';
    this.attempts.push({
      node: node.index,
      attempt,
      ...times,
      seconds,
      reason: describeReason(reason),
      outcome: became,
    });
  }

  /** Keeps how the last attempt to execute a node failed. */
  failed({ subject: { node, key }, reason, attempt }: AttemptedTask, outcome: FailedOutcome): void {
    const { cause, diagnostic, error, log } = outcome;
    const { start = 0, end = 0 } = this.attempts.findLast((each) => each.node === node.index) ?? {};
    this.failures.push({
      node: node.id,
      key,
      attempt,
      reason: describeReason(reason),
      startedAt: new Date(this.startedAt + start * 1000).toISOString(),
      seconds: end - start,
      cause,
      diagnostic,
      ...(error ? { error } : {}),
      log,
    });
  }

  /** The failures since the last call. */
  takeFailures(): readonly FailedAttempt[] {
    const taken = this.failures;
    this.failures = [];
    return taken;
  }

  /** All attempts that have ended. */
  journal(): readonly Attempt[] {
    return this.attempts;
  }

  /** @param params those of the pipeline */
  manifest(params: JsonObject): RunManifest {
    const { plan, fingerprints } = this.request;
    return {
      params,
      code: Object.fromEntries([...fingerprints].map(([stage, code]) => [stage.name, code])),
      targets: plan.targets,
      nodes: plan.nodes.map(({ id, index }) => ({
        node: id,
        key: this.keys[index] ?? null,
        outcome: this.outcomes[index] ?? 'skipped',
      })),
    };
  }

  /** What has happened since the last call. */
  takeProgress(): RunProgress {
    const decided = this.recent.map((index) => ({
      index,
      key: this.keys[index] as NodeKey,
      outcome: this.outcomes[index] as NodeOutcome,
    }));
    const attempts = this.attempts.slice(this.taken);
    this.recent = [];
    this.taken = this.attempts.length;
    return { decided, attempts };
  }
}
