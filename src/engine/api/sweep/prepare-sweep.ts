import { stageKey } from '../../keys/node-key.ts';
import type { PlanNode, PlanStage } from '../../plan/plan.ts';
import { type UnionPlan, unionOf } from '../../plan/union-plan.ts';
import { DirectoryChanges } from '../../staleness/directory-changes.ts';
import { type RunRequest, surroundingsOf } from '../../staleness/subjects.ts';
import { type NodeState, survey } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { fingerprintsAndCompute, prepareRequest, StageFingerprints } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';

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
 * @param use `executes` for a command that executes nodes
 * @throws {Failure} as `prepareRequest` does, for the first setting that cannot be planned
 */
export async function prepareSweep(
  projects: readonly SweepProject[],
  store: Store,
  { targets = [], force = [] }: { readonly targets?: readonly string[]; readonly force?: readonly string[] },
  use: 'looks' | 'executes',
): Promise<SweepRequest> {
  const requests: RunRequest[] = [];
  const directories: StageFingerprints['directories'][] = [];
  for (const { project } of projects) {
    // Each has its own: the arguments of a command may differ, and they are in its fingerprint.
    const code = use === 'executes' ? fingerprintsAndCompute(project, store) : new StageFingerprints(project, store);
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
  const prepared = await prepareSweep(projects, store, options, 'looks');
  return { ...prepared, states: survey(prepared.request, store) };
}

function union(projects: readonly SweepProject[], requests: readonly RunRequest[]): UnionPlan {
  const keys = new Map<PlanStage, WeakMap<object, string>>();
  const keyOf = ({ stage, params }: PlanNode, request: RunRequest): string => {
    const known = keys.get(stage) ?? new WeakMap<object, string>();
    keys.set(stage, known);
    const code = request.fingerprints.get(stage);
    if (code === undefined) throw new Error(`stage ${stage.name} has no fingerprint`);
    const compute = stage.compute ? request.compute : undefined;
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
