import { suggestName } from '../../base/diagnostic.ts';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { type NodeState, outputOf } from '../../staleness/survey.ts';
import { outputOrder } from '../../store/output-order.ts';

/**
 * The digest of an output of a node that is up to date.
 * @throws {Failure} kind `usage` where the node has no output of that name
 */
export function outputDigest(state: Extract<NodeState, { state: 'current' }>, output: string): ArtefactDigest {
  const digest = outputOf(state, output);
  if (digest) return digest;
  const { id, stage } = state.node;
  const fix = suggestName(output, outputOrder(stage.outputs));
  throw new Failure('usage', { fact: `${id} has no output "${output}"`, fix });
}
