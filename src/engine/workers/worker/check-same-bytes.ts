import { type ArtefactDigest, shortDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { Purpose } from '../../staleness/work.ts';
import { outputOrder } from '../../store/output-order.ts';
import type { NodeRecord } from '../../store/store.ts';

/** A node was executed again and gave other bytes than before. */
export class DifferentBytes extends Failure {}

/**
 * Compares the outputs of a node that was executed again with the recorded ones.
 *
 * @param expected digests in the order of the trace
 * @throws {DifferentBytes} when they differ: then the stage does not depend on its key alone
 */
export function checkSameBytes(
  { node, stage, outputs, engine, compute }: NodeRecord,
  expected: readonly ArtefactDigest[],
  under: Extract<Purpose, { kind: 'audit' }>['under'] = 'the same key',
): void {
  const differences = outputOrder(outputs).flatMap((name, position) => {
    const [before, now] = [expected[position] as ArtefactDigest, outputs[name]?.digest as ArtefactDigest];
    return before === now ? [] : [`${name} was ${shortDigest(before)} and is ${shortDigest(now)} now`];
  });
  if (differences.length === 0) return;
  if (under === 'another identity') {
    const now = compute ? `${engine} and ${compute.backend} ${compute.version}` : engine;
    throw new DifferentBytes('stage', {
      fact: `${node} gives other bytes under ${now} than it gave before: ${differences.join(', ')}`,
      fix: `nothing is adopted; run stage ${stage} ("vmfdag run --target ${stage}"), then adopt what does not depend on it`,
    });
  }
  throw new DifferentBytes('stage', {
    fact: `${node} was executed again with the same key and gave other bytes: ${differences.join(', ')}`,
    fix: `stage ${stage} is not deterministic, or the machine is not: find out which, then run it again with --force ${stage}; a stage that cannot repeat its bytes says "reproducible: false"`,
  });
}
