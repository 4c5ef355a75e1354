import type { Spec } from '../spec/spec.ts';

/** What `--target` can be completed to: targets first, then stages, each once. */
export function targetNames(spec: Spec): readonly string[] {
  return [...new Set([...spec.targets.keys(), ...spec.stages.keys()])];
}
