import { LOCAL } from '../pipeline/executors/read-executors.ts';
import { isSource } from './is-source.ts';
import type { PlanStage } from './plan.ts';

/**
 * The name of the executor of a stage's nodes; undefined for the workers of this machine. Only they see the sources.
 * @param others executes the stages that name none
 */
export function executorNameOf(stage: PlanStage, others: string | undefined): string | undefined {
  const name = isSource({ stage }) ? undefined : (stage.executor ?? others);
  return name === LOCAL ? undefined : name;
}
