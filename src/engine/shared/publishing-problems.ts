import type { Diagnostic } from '../base/diagnostic.ts';
import type { Published } from './shared-results.ts';

/** What somebody should know after results were published. That the shared cache is not asked any more has been said. */
export function publishingProblems({ counts, left }: Published): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const differing = counts['other bytes'];
  if (differing > 0) {
    problems.push({
      fact: `${nodes(differing)} in the shared cache with other bytes, made by somebody else: those of this cache are used here`,
      fix: 'a stage that cannot repeat its bytes says "reproducible: false"; of another one, "run --audit" finds out more',
    });
  }
  if (left > 0) {
    const fix = '"vmfdag cache push" publishes what is not there';
    problems.push({ fact: `${nodes(left)} not in the shared cache yet, and the run did not wait`, fix });
  }
  return problems;
}

function nodes(count: number): string {
  return count === 1 ? '1 node is' : `${count} nodes are`;
}
