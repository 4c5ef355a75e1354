import { describeValue } from '../../base/describe-value.ts';
import { shortDigest } from '../../base/digest.ts';
import { describeIdentity } from '../../run/adoption.ts';
import type { AdoptionNote, NodeRecord, RecordedInput } from '../../store/store.ts';
import { formatBytes, formatCount, formatSeconds } from '../terminal/format.ts';

/** When, where, how fast and from what a node was made, and its outputs. */
export function recordLines(record: NodeRecord): readonly string[] {
  const { startedAt, seconds, host, executor, run, compute, params, inputs, outputs, adopted } = record;
  const how = compute ? ` with ${compute.backend} ${compute.version}` : '';
  return [
    `made ${startedAt} on ${host}${executor === undefined ? '' : ` (executor ${executor})`} in ${formatSeconds(seconds)}${how}, by run ${run}`,
    ...(adopted ? [describeAdoption(adopted)] : []),
    ...Object.entries(params).map(([name, value]) => `param ${name}: ${describeValue(value)}`),
    ...Object.entries(inputs).map(([name, input]) => `input ${name}: ${describeInput(input)}`),
    ...Object.entries(outputs).map(
      ([name, { type, digest, bytes }]) => `${name}: ${type}, ${formatBytes(bytes)}, ${shortDigest(digest)}`,
    ),
  ];
}

function describeAdoption({ engine, compute, audited, run }: AdoptionNote): string {
  return `adopted from ${describeIdentity({ engine, compute })}, after ${formatCount(audited.length, 'node')} gave the same bytes in run ${run}`;
}

function describeInput(input: RecordedInput): string {
  return input.kind === 'one' ? shortDigest(input.digest) : formatCount(input.items.length, 'item');
}
