import type { CodeFingerprint } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { isJsonObject } from '../base/json.ts';
import { resolveCompute } from '../compute/available.ts';
import type { ComputeIdentity } from '../contract/stage.ts';
import { FileStamps } from '../keys/file-stamps.ts';
import { stageFingerprint } from '../keys/fingerprint.ts';
import { buildPlan } from '../plan/build.ts';
import type { Plan, PlanStage } from '../plan/plan.ts';
import type { RunRequest } from '../run/subjects.ts';
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
): Promise<RunRequest> {
  const plan = buildPlan(project.spec, targets.length > 0 ? { targets } : {});
  const stages = [...new Set(plan.nodes.map(({ stage }) => stage))];
  checkForced(forced, stages);
  return {
    plan,
    fingerprints: await fingerprints(project.root, stages, store),
    compute: computeIdentity(project, plan),
    forced: new Set(forced),
  };
}

async function fingerprints(
  root: string,
  stages: readonly PlanStage[],
  store: Store,
): Promise<ReadonlyMap<PlanStage, CodeFingerprint>> {
  const found = new Map<PlanStage, CodeFingerprint>();
  const files = new FileStamps();
  for (const stage of stages) {
    found.set(stage, await stageFingerprint(root, { ...stage.module, range: stage.range }, store.bundles, files));
  }
  return found;
}

function computeIdentity({ root, spec }: Project, plan: Plan): ComputeIdentity {
  const asked = isJsonObject(spec.params.compute) ? spec.params.compute : {};
  const request = {
    backend: typeof asked.backend === 'string' ? asked.backend : 'auto',
    threads: typeof asked.threads === 'number' ? asked.threads : 1,
  };
  // A pipeline that computes nothing with TensorFlow.js needs no backend, and must run where there is none.
  if (!plan.nodes.some(({ stage }) => stage.compute)) return { ...request, version: 'not used' };
  const resolved = resolveCompute(request, root);
  if (resolved instanceof Failure) throw resolved;
  return resolved.identity;
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
