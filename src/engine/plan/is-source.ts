import type { PlanNode } from './plan.ts';

/** Whether a node stands for files from outside: it is up to date as soon as their digest is known. */
export function isSource({ stage }: Pick<PlanNode, 'stage'>): boolean {
  return stage.program.kind === 'source';
}
