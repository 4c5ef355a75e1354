import { stageKey } from '../../keys/node-key.ts';
import type { PlanNode, PlanStage } from '../../plan/plan.ts';
import { type UnionPlan, unionOf } from '../../plan/union-plan.ts';
import { DirectoryChanges } from '../../staleness/directory-changes.ts';
import { computeOf, type RunRequest, surroundingsOf } from '../../staleness/subjects.ts';
import { type NodeState, survey } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { fingerprintsAndCompute, prepareRequest, StageFingerprints } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';
import { type AskOptions, askExecutors } from '../run/ask-executors.ts';

/** A pipeline file under one of the settings of a sweep. */
export interface SweepProject {
  /** Of the setting. */
  readonly name: string;
  readonly project: Project;
}

/** What a sweep is asked for under one of its settings. */
export interface SettingRequest extends SweepProject {
  readonly request: RunRequest;
  /** The indices of its nodes in the plan of the sweep, by their indices in its own. */
  readonly members: Int32Array;
}

/** What a sweep is asked for: one request, and its parts. */
export interface SweepRequest {
  readonly request: RunRequest;
  readonly settings: readonly SettingRequest[];
}

/**
 * Plans a sweep: nodes that several settings have in common are one node.
 * @param executing for a command that executes nodes: how executors are asked what they compute with
 * @throws {Failure} as `prepareRequest` does, for the first setting that cannot be planned
 */
export async function prepareSweep(
  projects: readonly SweepProject[],
  store: Store,
  { targets = [], force = [] }: { readonly targets?: readonly string[]; readonly force?: readonly string[] },
  executing?: AskOptions,
): Promise<SweepRequest> {
  const requests: RunRequest[] = [];
  const directories: StageFingerprints['directories'][] = [];
  for (const { project } of projects) {
    // Each has its own: the arguments of a command may differ, and they are in its fingerprint.
    const code = executing ? fingerprintsAndCompute(project, store) : new StageFingerprints(project, store);
    if (executing) await askExecutors(project, store, code, executing);
    requests.push(await prepareRequest(project, store, targets, force, code));
    directories.push(code.directories);
  }
  const { plan, members } = union(projects, requests);
  const first = requests[0] as RunRequest;
  const request: RunRequest = {
    ...first,
    plan,
    fingerprints: new Map(requests.flatMap(({ fingerprints }) => [...fingerprints])),
    environments: new Map(requests.flatMap(({ environments }) => [...(environments ?? [])])),
    computeOf: new Map(
      requests.flatMap(({ fingerprints, compute }) => [...fingerprints.keys()].map((stage) => [stage, compute])),
    ),
    machines: new Map(requests.flatMap(({ machines }) => [...(machines ?? [])])),
    directories: new DirectoryChanges(new Map(directories.flatMap((each) => [...each]))),
  };
  return {
    request,
    settings: projects.map(({ name, project }, index) => ({
      name,
      project,
      request: requests[index] as RunRequest,
      members: members[index] as Int32Array,
    })),
  };
}

/** Says what a sweep would run: the states of all nodes of its plan. */
export async function surveySweep(
  projects: readonly SweepProject[],
  store: Store,
  options: Parameters<typeof prepareSweep>[2],
): Promise<SweepRequest & { readonly states: readonly NodeState[] }> {
  const prepared = await prepareSweep(projects, store, options);
  return { ...prepared, states: survey(prepared.request, store) };
}

function union(projects: readonly SweepProject[], requests: readonly RunRequest[]): UnionPlan {
  const keys = new Map<PlanStage, WeakMap<object, string>>();
  const keyOf = ({ stage, params }: PlanNode, request: RunRequest): string => {
    const known = keys.get(stage) ?? new WeakMap<object, string>();
    keys.set(stage, known);
    const code = request.fingerprints.get(stage);
    if (code === undefined) throw new Error(`stage ${stage.name} has no fingerprint`);
    const compute = computeOf(stage, request);
    const key = known.get(params) ?? stageKey(stage, code, params, surroundingsOf(stage, request), compute);
    known.set(params, key);
    return key;
  };
  const parts = projects.map(({ name }, index) => ({
    name: name.includes('=') ? name : `setting=${name}`,
    plan: (requests[index] as RunRequest).plan,
  }));
  return unionOf(parts, (node, part) => {
    return `${keyOf(node, requests[part] as RunRequest)} ${JSON.stringify(node.coordinates)}`;
  });
}
