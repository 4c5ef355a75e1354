import { suggestName } from '../../base/diagnostic.ts';
import type { NodeKey } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';
import type { MetricSeries } from '../../store/metric-series.ts';
import type { Attempt, NodeOutcome } from '../../store/run-manifest.ts';
import type { NodeRecord, Store } from '../../store/store.ts';

/** What is kept of a node of a run. */
export interface NodeInRun {
  readonly run: string;
  readonly node: NodeId;
  /** Null as long as an input of it was unknown. */
  readonly key: NodeKey | null;
  readonly outcome: NodeOutcome;
  readonly attempts: readonly Attempt[];
  readonly failures: readonly FailedAttempt[];
  /** How its result was made, in this run or in an earlier one; null where there is none, or its record was removed. */
  readonly record: NodeRecord | null;
  /** What the node reported when that was made. */
  readonly metrics: readonly MetricSeries[];
}

/**
 * Finds a node of a run.
 * @throws {Failure} kind `usage` where the run has no such node
 */
export function nodeInRun(run: string, name: string, store: Store): NodeInRun {
  const nodes = store.manifest(run)?.nodes ?? [];
  const index = nodes.findIndex(({ node }) => node === name);
  const found = nodes[index];
  const node = name as NodeId;
  const failures = store.failures(run, node);
  const attempts = store.journal(run).filter((attempt) => attempt.node === index);
  if (!found) {
    const [failure] = failures;
    // A run that was killed in its first second has no manifest yet.
    if (failure)
      return { run, node, key: failure.key, outcome: 'failed', attempts: [], failures, record: null, metrics: [] };
    throw new Failure('usage', {
      fact: `run ${run} has no node "${name}"`,
      fix: suggestName(
        name,
        nodes.map((each) => each.node),
      ),
    });
  }
  const { key, outcome } = found;
  const record = (key && outcome !== 'failed' && outcome !== 'skipped' && store.record(key)) || null;
  const metrics = record ? store.metrics(record.key) : [];
  return { run, node, key, outcome, attempts, failures, record, metrics };
}
