import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, statesOfTargets, survey } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { withStore } from '../cache/open-cache.ts';
import { prepareRequest } from './prepare-request.ts';
import type { Project } from './project.ts';

/** Targets, with the pipeline file and the code as they are now, compared with the cache. */
export interface ProjectSurvey {
  readonly request: RunRequest;
  /** Of all nodes of the plan, in its order. */
  readonly states: readonly NodeState[];
  /** Of the nodes that were asked for. */
  readonly asked: readonly NodeState[];
}

export interface PlanOptions {
  /** Targets, stages, nodes or patterns; without them, the default targets of the file. */
  readonly targets?: readonly string[] | undefined;
  /** Stages whose nodes run even if they are up to date. */
  readonly force?: readonly string[] | undefined;
}

/** Says what is up to date and what is not, and why. It executes nothing. */
export async function surveyProject(
  project: Project,
  store: Store,
  { targets = [], force = [] }: PlanOptions,
): Promise<ProjectSurvey> {
  const request = await prepareRequest(project, store, targets, force);
  const states = survey(request, store);
  return { request, states, asked: statesOfTargets(request, states) };
}

/** `surveyProject`, with the store for as long as the survey is used. */
export function withSurvey<T>(
  project: Project,
  options: PlanOptions,
  use: (survey: ProjectSurvey, store: Store) => T | Promise<T>,
): Promise<T> {
  return withStore(project.cacheDirectory, async (store) => use(await surveyProject(project, store, options), store));
}
