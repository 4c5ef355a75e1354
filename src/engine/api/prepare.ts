import { askBackend, type ComputeRequest, resolveCompute } from '../../tensors/backends/available.ts';
import type { CodeFingerprint } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { isJsonObject } from '../base/json.ts';
import { CodeStates, stageFingerprint } from '../keys/fingerprint.ts';
import { JAVASCRIPT_ENGINE } from '../keys/javascript-engine.ts';
import { buildPlan } from '../plan/build.ts';
import type { PlanStage } from '../plan/plan.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import type { KeyIngredients, RunRequest } from '../staleness/subjects.ts';
import type { Store } from '../store/store.ts';
import type { Project } from './project.ts';

/**
 * Plans the targets and fingerprints the code of their stages: all that is needed to tell what has to run.
 * @throws {Failure} kind `usage` where a name is not known or a stage cannot be bundled, `environment` where the backend is missing.
 */
export async function prepareRequest(
  project: Project,
  store: Store,
  targets: readonly string[],
  forced: readonly string[] = [],
  code = new StageFingerprints(project, store),
): Promise<RunRequest> {
  const plan = buildPlan(project.spec, targets.length > 0 ? { targets } : {});
  const stages = [...new Set(plan.nodes.map(({ stage }) => stage))];
  checkForced(forced, stages);
  return {
    plan,
    ...(await keyIngredients(project, stages, code)),
    forced: new Set(forced),
  };
}

/**
 * What the keys of these stages' nodes are made of, as it is now.
 * @throws {Failure} kind `usage` where a stage cannot be bundled, `environment` where the backend is missing.
 */
export async function keyIngredients(
  project: Project,
  stages: readonly PlanStage[],
  code: StageFingerprints,
): Promise<KeyIngredients> {
  return {
    fingerprints: await code.ofAll(stages),
    compute: computeIdentity(project, stages),
    engine: JAVASCRIPT_ENGINE,
    environment: process.env,
  };
}

/** The fingerprints of stages' code as it is now, each looked for once. */
export class StageFingerprints {
  readonly #states: CodeStates;
  readonly #found = new Map<string, CodeFingerprint>();

  constructor({ root, cacheDirectory, results }: Project, store: Store) {
    this.#states = new CodeStates(root, store.bundles, [cacheDirectory, results.root]);
  }

  /** @throws {Failure} kind `usage` where a stage cannot be bundled. */
  async ofAll(stages: readonly PlanStage[]): Promise<ReadonlyMap<PlanStage, CodeFingerprint>> {
    const fingerprints = new Map<PlanStage, CodeFingerprint>();
    for (const stage of stages) fingerprints.set(stage, await this.#of(stage));
    return fingerprints;
  }

  async #of({ module, range }: PlanStage): Promise<CodeFingerprint> {
    const name = `${module.path}#${module.exportName}`;
    const known = this.#found.get(name);
    if (known) return known;
    const found = await stageFingerprint({ ...module, range }, this.#states);
    this.#found.set(name, found);
    return found;
  }
}

/** Lets a run find out with what it computes, where that takes code of the project. No command that runs nothing calls this. */
export function askCompute({ root, spec }: Project): void {
  if ([...spec.stages.values()].some(({ compute }) => compute)) askBackend(computeRequest(spec), root);
}

/** @throws {Failure} kind `environment` where the backend is missing. */
export function computeIdentity({ root, spec }: Project, stages: readonly PlanStage[]): ComputeIdentity {
  const request = computeRequest(spec);
  // A pipeline that computes nothing with TensorFlow.js needs no backend, and must run where there is none.
  if (!stages.some(({ compute }) => compute)) return { ...request, version: 'not used' };
  const resolved = resolveCompute(request, root);
  if (resolved instanceof Failure) throw resolved;
  return resolved.identity;
}

function computeRequest({ params }: Project['spec']): ComputeRequest {
  const asked = isJsonObject(params.compute) ? params.compute : {};
  return {
    backend: typeof asked.backend === 'string' ? asked.backend : 'auto',
    threads: typeof asked.threads === 'number' ? asked.threads : 1,
  };
}

function checkForced(forced: readonly string[], stages: readonly PlanStage[]): void {
  const names = stages.map(({ name }) => name);
  const unknown = forced.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Failure('usage', {
      fact: `--force ${unknown}: no stage of that name is part of this run`,
      fix: `the stages are ${names.join(', ')}`,
    });
  }
}
