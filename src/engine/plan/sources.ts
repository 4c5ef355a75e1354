import type { OutputReference, PlanInput } from './plan.ts';

/** The outputs that an input reads: one, or all that it gathers. */
export function sourcesOf(input: PlanInput): readonly OutputReference[] {
  return input.kind === 'one' ? [input.source] : input.sources;
}
