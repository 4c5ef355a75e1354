import type { ArtefactDigest } from '../../base/digest.ts';
import type { OutputReference, PlanInput, PlanNode } from '../../plan/plan.ts';
import { compare, namingFiles } from '../../staleness/comparisons.ts';
import type { PresentInput } from '../../staleness/input-changes.ts';
import { earlierOf } from '../../staleness/judge.ts';
import type { StaleReason } from '../../staleness/stale-reason.ts';
import { computeOf, type RunRequest, surroundingsOf } from '../../staleness/subjects.ts';
import { type NodeState, outputOf, sourcesIn } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';

/**
 * Why a node with some unknown inputs runs, whatever those will be: it is forced, has no record, or something that is already known
 * differs from the last time. Undefined if it may turn out to be up to date.
 */
export function ownDifference(
  node: PlanNode,
  request: RunRequest,
  states: readonly NodeState[],
  store: Store,
): StaleReason | undefined {
  if (request.forced.has(node.stage.name)) return { rule: 'forced' };
  const code = request.fingerprints.get(node.stage);
  const earlier = earlierOf(node, store);
  if (earlier.kind === 'none') return { rule: 'never run' };
  if (earlier.kind === 'failed') return { rule: 'failed', run: earlier.failure.run };
  if (earlier.kind === 'removed') return { rule: 'lost' };
  if (!code) return undefined;
  const compute = computeOf(node.stage, request);
  const inputs = node.inputs.map((input) => presentInput(input, states));
  const surroundings = surroundingsOf(node.stage, request);
  const reason = compare({ node, code, compute, surroundings, inputs }, earlier.record);
  return reason && namingFiles(reason, request.directories, store);
}

function presentInput(input: PlanInput, states: readonly NodeState[]): PresentInput {
  const { name } = input;
  const digest = ({ node, output }: OutputReference): ArtefactDigest | null => outputOf(states[node], output) ?? null;
  if (input.kind === 'one') return { kind: 'one', name, digest: digest(input.source) };
  const items = sourcesIn(states, input).map((source) => ({
    coordinates: (states[source.node] as NodeState).node.coordinates,
    digest: digest(source),
  }));
  return { kind: 'many', name, items };
}
