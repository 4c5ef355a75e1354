import type { OutputReference, PlanInput } from '../plan/plan.ts';

/**
 * The outputs that an input reads, once it is known which nodes are cut short: none of those, and of steps that may be the last of their chain only
 * the last one.
 */
export function presentSources(
  input: PlanInput,
  chainOf: (index: number) => string | undefined,
  isCut: (index: number) => boolean,
): readonly OutputReference[] {
  if (input.kind === 'one') return [input.source];
  const there = input.sources.filter(({ node }) => !isCut(node));
  if (input.which === undefined) return there;
  return there.filter(({ node }, position) => {
    const next = there[position + 1];
    return next === undefined || chainOf(next.node) !== chainOf(node);
  });
}
