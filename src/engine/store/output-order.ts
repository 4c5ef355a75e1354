import type { ArtefactDigest } from '../base/digest.ts';
import type { NodeRecord } from './store.ts';

/** The order in which traces list the outputs of a stage: by name. */
export function outputOrder(outputs: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(outputs).sort();
}

/** The digests of a finished node's outputs, in the order of its trace. */
export function outputDigests({ outputs }: NodeRecord): readonly ArtefactDigest[] {
  return outputOrder(outputs).map((name) => outputs[name]?.digest as ArtefactDigest);
}
