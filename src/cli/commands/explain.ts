import { shortDigest } from '../../base/digest.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { describeReason } from '../../run/describe-reason.ts';
import { type RuleStep, walk } from '../../run/staleness.ts';
import { type NodeState, survey } from '../../run/survey.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { formatBytes, formatSeconds } from '../../ui/format.ts';
import { line, printJson } from '../output.ts';
import { openProject, type ProjectOptions, prepareRequest } from '../project.ts';
import { stateJson } from './planned-work.ts';

export interface ExplainOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `vmfdag explain NODE`: the rules that decide whether a node runs, with their verdicts, down to the root cause. */
export async function explain(pattern: string, options: ExplainOptions): Promise<number> {
  const project = openProject(options);
  const store = openStore(project.cacheDirectory);
  try {
    const request = await prepareRequest(project, store, [pattern]);
    const states = survey(request, store);
    const wanted = new Set(request.plan.targets.flatMap(({ nodes }) => nodes));
    const explained = states.filter(({ node }) => wanted.has(node.index));
    if (options.json) {
      printJson(explained.map((state) => ({ ...stateJson(state), rules: rulesJson(state, store) })));
      return 0;
    }
    const byNode = new Map(states.map((state) => [state.node, state]));
    explained.forEach((state, index) => {
      if (index > 0) line('');
      explainNode(state, byNode, store);
    });
    return 0;
  } finally {
    await store.close();
  }
}

function rulesJson(state: NodeState, store: Store): readonly object[] {
  return state.state === 'waiting'
    ? []
    : walk(state.subject, store).map(({ name, verdict }) => ({ name, decides: verdict !== undefined }));
}

function explainNode(state: NodeState, byNode: ReadonlyMap<PlanNode, NodeState>, store: Store): void {
  if (state.state === 'waiting') {
    line(`${state.node.id} waits for ${state.on.id}: if that gives the same bytes as before, nothing below it runs`);
    const cause = byNode.get(state.on);
    if (cause) explainNode(cause, byNode, store);
    return;
  }
  line(`${state.node.id} ${state.state === 'current' ? 'is up to date' : `will run: ${describeReason(state.reason)}`}`);
  for (const step of walk(state.subject, store)) line(`  ${ruleLine(step)}`);
  line(`  key ${shortDigest(state.subject.key)}, code ${shortDigest(state.subject.code)}`);
  const record = state.state === 'current' ? store.record(state.subject.key) : undefined;
  if (record) for (const text of recordLines(record)) line(`  ${text}`);
}

function ruleLine({ question, verdict }: RuleStep): string {
  if (!verdict) return `·  ${question} no`;
  return verdict.status === 'current' ? `✓  ${question} yes` : `✗  ${question} ${describeReason(verdict.reason)}`;
}

/** When, where, in how long a node was made, and what it made. */
function recordLines({ startedAt, seconds, host, run, compute, outputs }: NodeRecord): readonly string[] {
  const how = compute ? ` with ${compute.backend} ${compute.version}` : '';
  return [
    `made ${startedAt} on ${host} in ${formatSeconds(seconds)}${how}, by run ${run}`,
    ...Object.entries(outputs).map(
      ([name, { type, digest, bytes }]) => `${name}: ${type}, ${formatBytes(bytes)}, ${shortDigest(digest)}`,
    ),
  ];
}
