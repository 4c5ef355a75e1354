import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
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
import { loadSpec, type ParamOverride } from '../spec/load.ts';
import type { Spec } from '../spec/spec.ts';
import type { Store } from '../store/store.ts';

/** The options that every command which reads a pipeline has. */
export interface ProjectOptions {
  readonly file: string;
  readonly cache?: string;
  readonly profile?: string;
  readonly set?: readonly string[];
}

/** A pipeline file, read, with the folders that belong to it. */
export interface Project {
  readonly root: string;
  readonly spec: Spec;
  readonly cacheDirectory: string;
  readonly resultsDirectory: string;
}

/** Reads the pipeline file. */
export function openProject(options: ProjectOptions): Project {
  const file = resolve(options.file);
  const root = dirname(file);
  const spec = loadSpec({
    file: relative(process.cwd(), file) || options.file,
    text: readPipeline(file, options.file),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    overrides: (options.set ?? []).map(parseOverride),
  });
  return {
    root,
    spec,
    cacheDirectory: cacheDirectory(options),
    resultsDirectory: join(root, 'results', spec.profile ?? ''),
  };
}

/** The cache folder: the one asked for, or the one beside the pipeline file. */
export function cacheDirectory({ file, cache }: Pick<ProjectOptions, 'file' | 'cache'>): string {
  return cache === undefined ? join(dirname(resolve(file)), 'cache') : resolve(cache);
}

/** Plans the targets and fingerprints the code of their stages: all that is needed to tell what has to run. */
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

function readPipeline(file: string, asGiven: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      'usage',
      {
        fact: missing ? `there is no file ${asGiven} here` : `cannot read ${asGiven} (${(error as Error).message})`,
        fix: 'go to the folder of the pipeline, or name its file with --file PATH',
      },
      { cause: error },
    );
  }
}

function parseOverride(text: string): ParamOverride {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    throw new Failure('usage', {
      fact: `--set ${text}: there is no "path=value" in this`,
      fix: 'write for example --set compute.threads=2',
    });
  }
  return { path: text.slice(0, equals), value: text.slice(equals + 1), origin: `--set ${text}` };
}
