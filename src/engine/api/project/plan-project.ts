import { buildPlan } from '../../plan/build-plan.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Project } from './project.ts';

/**
 * The nodes that targets need; without targets, those that the default ones need.
 * @throws {Failure} kind `usage` where a name is unknown
 */
export function planProject({ pipeline }: Pick<Project, 'pipeline'>, targets: readonly string[]): Plan {
  return buildPlan(pipeline, targets.length > 0 ? { targets } : {});
}
