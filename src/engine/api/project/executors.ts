import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalView } from '../../base/canonical.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { isComputeIdentity } from '../../compute/answer.ts';
import { keepAnswer, keptAnswer } from '../../keys/kept-answer.ts';
import type { MachineIdentity } from '../../keys/machine-identity.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { DeclaredExecutor } from '../../pipeline/executors/read-executors.ts';
import { executorNameOf } from '../../plan/executor-name.ts';
import type { PlanStage, StageResources } from '../../plan/plan.ts';
import type { Project } from './project.ts';

/** The executors that the pipeline file and the settings declare. A machine knows better than the file how others are reached from it. */
export function knownExecutors({
  pipeline,
  settings,
}: Pick<Project, 'pipeline' | 'settings'>): ReadonlyMap<string, DeclaredExecutor> {
  return new Map([...pipeline.executors, ...settings().executors]);
}

/** What an executor has to be asked before the keys of a stage are known. */
export interface MachineQuestion {
  readonly executor: DeclaredExecutor;
  /** Whether the compute provider is asked there too. */
  readonly compute: boolean;
  /** A cluster gives machines by what is asked for. */
  readonly resources: StageResources;
  /** The file that keeps the answer. */
  readonly file: string;
}

/**
 * The question that a stage has for its executor; undefined where its keys name no machine, or its nodes are executed by this one.
 * @param providerContent SHA-256 of the compute provider's package here; undefined where it is not installed
 */
export function machineQuestion(
  stage: PlanStage,
  project: Project,
  providerContent: () => string | undefined,
): MachineQuestion | undefined {
  const { compute, resources } = stage;
  if (!compute && resources.gpus === 0) return undefined;
  const name = executorNameOf(stage, project.executor);
  const executor = name === undefined ? undefined : knownExecutors(project).get(name);
  if (!executor) return undefined;
  const { way } = executor;
  const { provider = null, request = null } = (compute ? project.pipeline.compute : undefined) ?? {};
  const content = provider === null ? null : (providerContent() ?? null);
  const { threads, memoryBytes, gpus } = resources;
  const asked = way.kind === 'slurm' ? [threads, memoryBytes, gpus] : null;
  const question = [manifest.version, JSON.parse(JSON.stringify(way)), asked, provider, content, request];
  const digest = hash('sha256', canonicalView(question));
  return { executor, compute, resources, file: join(project.cacheDirectory, 'machines', `${digest}.json`) };
}

/** The answer that was kept; undefined while nobody has asked. */
export function knownMachine({ file }: Pick<MachineQuestion, 'file'>): MachineIdentity | undefined {
  return keptAnswer(file, (answer) => (isMachine(answer) ? { answer, files: [] } : undefined));
}

/** Keeps an answer for commands that only look, and for later runs. */
export function keepMachine({ file }: MachineQuestion, answer: MachineIdentity): void {
  keepAnswer(file, answer, [], Date.now());
}

/** The next run asks again. */
export function forgetMachine(file: string): void {
  rmSync(file, { force: true });
}

function isMachine(value: JsonValue | undefined): value is JsonValue & MachineIdentity {
  return (
    isJsonObject(value) &&
    typeof value.gpus === 'string' &&
    (value.compute === null || isComputeIdentity(value.compute))
  );
}
