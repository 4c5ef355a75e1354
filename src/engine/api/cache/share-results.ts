import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { isSource } from '../../plan/is-source.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { PROJECT_SETTINGS } from '../../settings/settings.ts';
import type { PublishCounts, SharedResults } from '../../shared/shared-results.ts';
import { awaitedNodes } from '../../staleness/chain-ends.ts';
import { Cut } from '../../staleness/cut.ts';
import { KnownNodes } from '../../staleness/known-nodes.ts';
import { missingMetrics } from '../../staleness/missing-metrics.ts';
import { type RunRequest, Subjects } from '../../staleness/subjects.ts';
import { surveyEach } from '../../staleness/survey.ts';
import { outputOrder } from '../../store/output-order.ts';
import type { Store } from '../../store/store.ts';
import type { Project } from '../project/project.ts';
import { openSharedResults } from '../run/shared-results.ts';

export interface PullCounts {
  /** Nodes whose results were fetched. */
  readonly fetched: number;
  /** Nodes that were up to date already. */
  readonly upToDate: number;
  /** Nodes of which the shared cache has no result, or one upstream is missing. */
  readonly missing: number;
  /** Nodes whose bytes were fetched, and those that it does not have. */
  readonly withBytes: number;
  readonly withoutBytes: number;
  /** Of artefacts that came over. */
  readonly bytes: number;
}

/** Opens the shared cache of a project. @throws {Failure} kind `usage` where the settings name none */
export async function withSharedResults<T>(
  project: Project,
  store: Store,
  warn: (fact: string) => void,
  use: (results: SharedResults, description: string) => Promise<T>,
): Promise<T> {
  const settings = project.settings().sharedCache;
  const results = await openSharedResults(settings && { ...settings, mode: 'read-write' }, store, 'copy', warn);
  if (!results) {
    throw new Failure('usage', {
      fact: 'there is no shared cache in the settings',
      fix: `write cache: {shared: {url: …}} to ${PROJECT_SETTINGS}, or set VMFDAG_SHARED_CACHE`,
    });
  }
  try {
    return await use(results, results.cache.description);
  } finally {
    results.close();
  }
}

/** Publishes every node of a request that is up to date. */
export async function pushResults(request: RunRequest, store: Store, results: SharedResults): Promise<PublishCounts> {
  await results.cache.survey(request.plan.nodes.length, ['ac', 'cas']);
  surveyEach(new KnownNodes(request.plan.nodes, new Subjects(request), store), (state) => {
    if (state.state === 'current' && !isSource(state.node)) void results.publishSoon(state.key);
  });
  return (await results.finish()).counts;
}

/** Fetches the results of a request, as far as the shared cache has them, and the bytes of all outputs that the cache keeps. Nothing is executed. */
export async function pullResults(request: RunRequest, store: Store, results: SharedResults): Promise<PullCounts> {
  const { nodes, transient } = request.plan;
  const known = new KnownNodes(nodes, new Subjects(request), store);
  const counts = { fetched: 0, upToDate: 0, missing: 0, withBytes: 0, withoutBytes: 0, bytes: 0 };
  await results.cache.survey(nodes.length, ['ac']);

  const resultOf = async (node: PlanNode): Promise<void> => {
    await Promise.all(awaitedNodes(node).map((index) => resolved[index]));
    const state = known.lookAt(node);
    if (state instanceof Cut) {
      known.outputs[node.index] = state;
      return;
    }
    if (!state) {
      counts.missing++;
      return;
    }
    const { subject, verdict } = state;
    const fetched = verdict.status === 'current' ? undefined : await results.find(subject, { kind: 'record' });
    if (fetched && node.reports) store.refresh();
    // Without its metrics nobody can say whether its chain goes on.
    const found = fetched && missingMetrics(node, subject.key, store).length === 0 ? fetched : undefined;
    if (verdict.status === 'current') counts.upToDate++;
    else if (found) counts.fetched++;
    else counts.missing++;
    counts.bytes += found?.bytes ?? 0;
    known.outputs[node.index] = verdict.status === 'current' ? verdict.trace.outputs : found?.outputs;
  };
  const bytesOf = async (node: PlanNode): Promise<void> => {
    const outputs = known.outputs[node.index];
    if (!outputs || outputs instanceof Cut || isSource(node)) return;
    const kept = outputOrder(node.stage.outputs).filter((name) => !transient.get(node.index)?.includes(name));
    const digests = kept.map((name) => outputs[outputOrder(node.stage.outputs).indexOf(name)] as ArtefactDigest);
    if (digests.every((digest) => store.hasArtefact(digest))) return;
    const found = await results.find(known.subject(node), { kind: 'restore', expected: outputs });
    if (found) counts.withBytes++;
    else counts.withoutBytes++;
    counts.bytes += found?.bytes ?? 0;
  };

  // A promise for each node, in the order of the plan: inputs come first.
  const resolved: Promise<void>[] = [];
  for (const node of nodes) resolved.push(resultOf(node));
  await Promise.all(resolved);
  store.refresh();
  await Promise.all(nodes.map(bytesOf));
  return counts;
}
