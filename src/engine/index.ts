// The root of the package: what stage modules import, and the engine as a library. The engine is loaded when it is called,
// so that a stage that imports `vmfdag` does not load it.
import { fileURLToPath } from 'node:url';
import type { LoadOptions, PlannedWork, RunOptions } from './api/for-programs.ts';
import type { Project } from './api/project/project.ts';
import type { PlanOptions } from './api/project/survey-project.ts';
import type { RunResult } from './api/run/execution.ts';
import type { LabelChange } from './api/run/experiments.ts';
import type { ExperimentQuery, ExperimentTable } from './views/experiments/experiment.ts';

export type { LoadOptions, PlannedWork, RunOptions } from './api/for-programs.ts';
export type { Project } from './api/project/project.ts';
export type { PlanOptions } from './api/project/survey-project.ts';
export type { RunResult } from './api/run/execution.ts';
export type { LabelChange } from './api/run/experiments.ts';
export type { Pipeline } from './pipeline/pipeline.ts';
export type { NodeId, Plan, PlanNode, PlanStage, PlanTarget } from './plan/plan.ts';
export type { RunEvent, RunListener, RunSummary } from './run/events.ts';
export type { LeaseHolder } from './run/lease.ts';
export * from './stage/index.ts';
export type { StaleReason } from './staleness/stale-reason.ts';
export type { NodeState } from './staleness/survey.ts';
export type { Experiment, ExperimentMetric, ExperimentQuery, ExperimentTable } from './views/experiments/experiment.ts';

const engine = () => import('./api/for-programs.ts');

/**
 * Reads a pipeline file under a profile and values for params.
 * @throws {Failure} kind `usage`, whose diagnostics say everything that is wrong with the file, and where
 */
export async function loadPipeline(file = 'pipeline.yaml', options: LoadOptions = {}): Promise<Project> {
  return (await engine()).loadPipeline(file, options);
}

/**
 * Says what a run would do, and why, and runs nothing.
 * @throws {Failure} kind `usage` where a target is unknown or a stage cannot be bundled, `store` where the cache cannot be read
 */
export async function plan(project: Project, options: PlanOptions = {}): Promise<PlannedWork> {
  return (await engine()).plan(project, options);
}

/**
 * Brings targets up to date and writes their files. A stage that fails is no exception: the summary's outcome says so, and
 * the event `failed` why.
 * @throws {Failure} as `plan` does; kind `environment` where another run uses the cache and `wait` is false
 */
export async function run(project: Project, options: RunOptions = {}): Promise<RunResult> {
  return (await engine()).run(project, options, fileURLToPath(new URL('./worker.cjs', import.meta.url)));
}

/**
 * The bytes of an output of a node that is up to date: `artefact(project, 'train/fnn/1/3', 'weights')`. The codecs of this
 * package decode them.
 * @throws {Failure} kind `usage` where there is no such node or output, or it is not up to date
 */
export async function artefact(project: Project, node: string, output: string): Promise<Uint8Array> {
  return (await engine()).artefact(project, node, output);
}

/**
 * The runs on the project's cache, newest first, with the params in which they differ and their metrics: `vmfdag experiments` prints this table.
 * @throws {Failure} kind `usage` where the query names a column that there is not
 */
export async function experiments(project: Project, query: ExperimentQuery = {}): Promise<ExperimentTable> {
  return (await engine()).listExperiments(project, query);
}

/**
 * Changes the name, the note and the tags of a run, also while it runs. They are in no key.
 * @param run a name, an id or the beginning of one, or `last`
 * @throws {Failure} kind `usage` where there is no such run, or a name cannot be used
 */
export async function labelRun(project: Project, run: string, change: LabelChange): Promise<void> {
  await (await engine()).labelRun(project, run, change);
}
