import type { NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { PlanNode } from '../plan/plan.ts';
import { describeReason } from '../staleness/describe-reason.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import type { Work } from '../staleness/work.ts';
import type { FailedAttempt } from '../store/failed-attempt.ts';
import type { Attempt, NodeOutcome, RunManifest, RunProgress } from '../store/run-manifest.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { RunningJob } from '../workers/pool-worker.ts';

/** Keeps account of one run: what each node resolved to, what became of it, and which worker executed it when. */
export class RunLedger {
  private readonly request: RunRequest;
  private readonly started = performance.now();
  private readonly startedAt = Date.now();
  private readonly keys: (NodeKey | null)[];
  private readonly outcomes: NodeOutcome[];
  private readonly attempts: Attempt[] = [];
  /** Nodes that were decided, and how many attempts there were, when the progress was last taken. */
  private recent: number[] = [];
  private taken = 0;
  private failures: FailedAttempt[] = [];

  constructor(request: RunRequest) {
    this.request = request;
    this.keys = new Array(request.plan.nodes.length).fill(null);
    this.outcomes = new Array(request.plan.nodes.length).fill('skipped');
  }

  /** Seconds since the run began. */
  elapsed(): number {
    return (performance.now() - this.started) / 1000;
  }

  decide({ index }: PlanNode, key: NodeKey, outcome: NodeOutcome): void {
    this.keys[index] = key;
    this.outcomes[index] = outcome;
    this.recent.push(index);
  }

  /** Follows an attempt to its end. To be called before anybody else waits for its outcome. */
  watch(
    { subject, reason }: Pick<Work, 'subject' | 'reason'>,
    attempt: number,
    { worker, free, outcome }: RunningJob,
  ): void {
    const { node, key } = subject;
    const start = this.elapsed();
    let end: number | undefined;
    void free.then(() => {
      end = this.elapsed();
    });
    void outcome.then((result) => {
      const until = end ?? this.elapsed();
      // One that is made again for its bytes was up to date, and stays so.
      const isFound = this.outcomes[node.index] === 'up to date' || this.outcomes[node.index] === 'cut off';
      const isDecided = result.kind === 'committed' || result.kind === 'failed';
      if (isDecided && !isFound) this.decide(node, key, result.kind === 'committed' ? 'executed' : 'failed');
      const seconds = result.kind === 'committed' ? result.seconds : until - start;
      this.attempts.push({
        node: node.index,
        attempt,
        worker,
        start,
        end: until,
        seconds,
        reason: describeReason(reason),
        outcome: outcomeOf(result),
      });
    });
  }

  /** Keeps how an attempt failed. To be called once it has ended. */
  fail(
    { subject: { node, key }, reason }: Work,
    attempt: number,
    outcome: Extract<JobOutcome, { kind: 'failed' }>,
  ): void {
    const { cause, diagnostic, error, log } = outcome;
    const { start = this.elapsed(), end = start } = this.attempts.findLast((each) => each.node === node.index) ?? {};
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

  /** The failures since this was last asked. */
  takeFailures(): readonly FailedAttempt[] {
    const taken = this.failures;
    this.failures = [];
    return taken;
  }

  /** All attempts that have ended. */
  journal(): readonly Attempt[] {
    return this.attempts;
  }

  /** @param params those of the pipeline. */
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

  /** What has happened since this was last asked. */
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

function outcomeOf({ kind }: JobOutcome): Attempt['outcome'] {
  if (kind === 'committed') return 'executed';
  return kind === 'failed' ? 'failed' : 'lost';
}
