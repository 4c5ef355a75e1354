import { statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, normalize, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ArtefactDigest, CodeFingerprint } from '../../base/digest.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { identify } from '../../compute/identify.ts';
import { knownAnswer, type Question } from '../../compute/known-answers.ts';
import { findProvider, type Provider, providerMissing } from '../../compute/provider.ts';
import { Environments, fileOf } from '../../environments/environments.ts';
import { type CodeFolder, codePlace } from '../../keys/code-files.ts';
import { commandFingerprint } from '../../keys/command-fingerprint.ts';
import { gpuIdentity } from '../../keys/gpu-identity.ts';
import { JAVASCRIPT_ENGINE } from '../../keys/javascript-engine.ts';
import { NOT_ASKED } from '../../keys/kept-answer.ts';
import { fileBehind } from '../../keys/software/look-up.ts';
import { CodeStates, stageFingerprint } from '../../keys/stage-fingerprint.ts';
import { LOCAL } from '../../pipeline/executors/read-executors.ts';
import type { PlanStage } from '../../plan/plan.ts';
import { sourcePlace } from '../../sources/find-files.ts';
import { lookAtSource, type SourceState } from '../../sources/look-at-source.ts';
import { fingerprintOfContent } from '../../sources/source-fingerprint.ts';
import type { NamedSource } from '../../sources/source-problem.ts';
import type { ComputeIdentity } from '../../stage/stage.ts';
import { DirectoryChanges } from '../../staleness/directory-changes.ts';
import { InstalledSoftware } from '../../staleness/installed-software.ts';
import type { ExecutorMachine, KeyIngredients, RunRequest } from '../../staleness/subjects.ts';
import type { DirectoryEntry } from '../../store/directories/manifest.ts';
import type { Store } from '../../store/store.ts';
import { knownMachine, type MachineQuestion, machineQuestion } from './executors.ts';
import { planProject } from './plan-project.ts';
import type { Project } from './project.ts';

/**
 * Plans the targets and fingerprints the code of their stages: everything that decides what has to run.
 * @throws {Failure} kind `usage` where a name is unknown or a stage cannot be bundled, `environment` where the compute provider refuses
 */
export async function prepareRequest(
  project: Project,
  store: Store,
  targets: readonly string[],
  forced: readonly string[] = [],
  code = new StageFingerprints(project, store),
): Promise<RunRequest> {
  const plan = planProject(project, targets);
  const stages = [...new Set(plan.nodes.map(({ stage }) => stage))];
  checkForced(forced, stages);
  return {
    plan,
    ...(await keyIngredients(project, stages, code)),
    forced: new Set(forced),
    directories: new DirectoryChanges(code.directories),
    software: new InstalledSoftware(),
  };
}

/**
 * What the keys of these stages' nodes are made of now.
 * @throws {Failure} kind `usage` where a stage cannot be bundled, `environment` where the compute provider refuses
 */
export async function keyIngredients(
  project: Project,
  stages: readonly PlanStage[],
  code: StageFingerprints,
): Promise<KeyIngredients> {
  const machines = executorMachines(project, stages, code);
  const here = stages.filter((stage) => !machines.has(stage));
  return {
    fingerprints: await code.ofAll(stages),
    compute: computeIdentity(project, here, code),
    ...(machines.size > 0 ? { machines } : {}),
    engine: JAVASCRIPT_ENGINE,
    environments: code.environmentsOf(stages),
    ...(here.some(({ resources }) => resources.gpus > 0) ? { gpus: gpuIdentity() } : {}),
    environment: process.env,
  };
}

/** What the executors of stages have answered, where the keys name it. Nobody is asked. */
function executorMachines(
  project: Project,
  stages: readonly PlanStage[],
  code: StageFingerprints,
): ReadonlyMap<PlanStage, ExecutorMachine> {
  const machines = new Map<PlanStage, ExecutorMachine>();
  for (const stage of stages) {
    const question = questionForExecutor(stage, project, code);
    if (!question) continue;
    const { file, executor } = question;
    const known = knownMachine(question);
    const { compute, gpus } = known ?? { compute: notAsked(executor.name), gpus: NOT_ASKED };
    const isSameCompute = !stage.compute || isDeepStrictEqual(compute, localAnswer(project, code));
    const isAsHere = known !== undefined && isSameCompute && (stage.resources.gpus === 0 || gpus === gpuIdentity());
    machines.set(stage, { compute, gpus, isAsHere, file });
  }
  return machines;
}

/** What has to be asked of the executor of a stage before its keys are known. */
export function questionForExecutor(
  stage: PlanStage,
  project: Project,
  code: StageFingerprints,
): MachineQuestion | undefined {
  return machineQuestion(stage, project, () => questionOf(project, code)?.question.content);
}

/** What this machine computes with, if it has been asked and can. */
function localAnswer(project: Project, code: StageFingerprints): ComputeIdentity | undefined {
  const asked = questionOf(project, code);
  const answer = asked && knownAnswer(asked.question, project.cacheDirectory);
  return answer?.kind === 'identified' ? answer.identity : undefined;
}

/** The folders in which Node looks for packages from a folder: a link in one of them may lead elsewhere later. */
function packageFolders(from: string): readonly string[] {
  const folder = resolve(from, 'node_modules');
  const found = statSync(folder, IF_THERE) ? [folder] : [];
  return from === dirname(from) ? found : [...found, ...packageFolders(dirname(from))];
}

const PYTHONPATH = 'PYTHONPATH';

/** Folders of the project that a variable names by relative paths: a command finds its code at these, below its own folder. */
function foldersOf(variable: string, root: string): readonly string[] {
  const paths = (process.env[variable] ?? '').split(delimiter).map((path) => normalize(path));
  return [...new Set(paths)].filter(
    (path) => !isAbsolute(path) && !path.startsWith('..') && statSync(resolve(root, path), IF_THERE)?.isDirectory(),
  );
}

const IF_THERE = { throwIfNoEntry: false } as const;

/** The present fingerprints of stages' code, each computed once. */
export class StageFingerprints {
  readonly #states: CodeStates;
  readonly #place: CodeFolder;
  readonly #found = new Map<string, Promise<CodeFingerprint>>();
  readonly #root: string;
  readonly #cacheDirectory: string;
  readonly #sources = new Map<string, SourceState>();
  readonly #environments: Environments;
  readonly #locks = new Set<string>();

  /** @param use `executes` for a command that executes nodes, or removes what nobody needs: it may start interpreters */
  constructor({ root, cacheDirectory, results }: Project, store: Store, use: 'looks' | 'executes' = 'looks') {
    this.#environments = new Environments(root, cacheDirectory, use === 'executes');
    this.#root = root;
    this.#cacheDirectory = cacheDirectory;
    const excluded = [cacheDirectory, results.root];
    this.#states = new CodeStates(root, store.bundles, excluded);
    this.#place = { root, excluded };
  }

  /** @throws {Failure} kind `usage` where a stage cannot be bundled */
  async ofAll(stages: readonly PlanStage[]): Promise<ReadonlyMap<PlanStage, CodeFingerprint>> {
    const fingerprints = new Map<PlanStage, CodeFingerprint>();
    for (const stage of stages) {
      // Python reads the code of several at once. The first stage that fails, in their order, is the one that is told.
      if (stage.program.kind === 'command') this.#of(stage).catch(() => {});
    }
    for (const stage of stages) fingerprints.set(stage, await this.#of(stage));
    return fingerprints;
  }

  /** The identities of the environments that stages ask for. @throws {Failure} where one is not available */
  environmentsOf(stages: readonly PlanStage[]): ReadonlyMap<PlanStage, string> {
    const found = new Map<PlanStage, string>();
    for (const stage of stages) {
      const { program, places } = stage;
      if (program.kind !== 'command' || !program.environment) continue;
      const file = fileOf(program.environment);
      if (file !== undefined) this.#locks.add(resolve(this.#root, file));
      found.set(stage, this.#environments.identity({ environment: program.environment, range: places.environment }));
    }
    return found;
  }

  /** Files and folders that decide what the sources hold, the Python code of commands, and lock files. Call it once all fingerprints are there. */
  async watched(): Promise<readonly string[]> {
    const python = await Promise.all(this.#states.python.values());
    return [
      ...[...this.#sources.values()].flatMap(({ watched }) => watched()),
      ...this.#locks,
      ...python.flatMap(({ sources: { files, folders } }) => [...files, ...folders].map(({ path }) => path)),
    ];
  }

  /** Files and folders that decide what the packages are that code reaches. Call it once all fingerprints are there. */
  watchedPackages(): readonly string[] {
    return [...this.#states.packages.watched(), ...packageFolders(this.#root), ...packageFolders(this.#cacheDirectory)];
  }

  /** What sources of several files hold now. */
  get directories(): ReadonlyMap<ArtefactDigest, () => readonly DirectoryEntry[]> {
    return new Map([...this.#sources.values()].flatMap(({ digest, entries }) => (entries ? [[digest, entries]] : [])));
  }

  /** SHA-256 of an installed package's content. */
  packageContent(directory: string): string {
    return this.#states.packages.of(directory).content;
  }

  #of(stage: PlanStage): Promise<CodeFingerprint> {
    const { program } = stage;
    const name = program.kind === 'module' ? `${program.path}#${program.exportName}` : `${program.kind} ${stage.name}`;
    const known = this.#found.get(name);
    if (known) return known;
    const found = this.#look(stage);
    this.#found.set(name, found);
    return found;
  }

  async #look({ name, program, range, places, variables }: PlanStage): Promise<CodeFingerprint> {
    switch (program.kind) {
      case 'module':
        return stageFingerprint({ ...program, range: places.program }, this.#states);
      case 'command':
        return commandFingerprint(
          program,
          {
            ...codePlace(this.#place, places),
            paths: variables.includes(PYTHONPATH) ? foldersOf(PYTHONPATH, this.#root) : [],
            executedIn: fileBehind(this.#cacheDirectory),
          },
          this.#states,
        );
      case 'source':
        return this.#ofSource({ name, content: program.content, range });
    }
  }

  async #ofSource(source: NamedSource): Promise<CodeFingerprint> {
    const state = await lookAtSource(source, sourcePlace(this.#root, this.#cacheDirectory), this.#cacheDirectory);
    this.#sources.set(source.name, state);
    return fingerprintOfContent(state.digest);
  }
}

/**
 * The fingerprints for a command that executes stages, or removes what nobody needs. Such a command asks the provider for the compute
 * identity, unless its last answer is still valid. That executes the installed package of the provider.
 */
export function fingerprintsAndCompute(project: Project, store: Store): StageFingerprints {
  const code = new StageFingerprints(project, store, 'executes');
  askCompute(project, code);
  return code;
}

/** A refusal is kept too, and reported where the answer is needed. */
function askCompute(project: Project, code: StageFingerprints): void {
  const { root, pipeline, cacheDirectory } = project;
  const computing = [...pipeline.stages.values()].filter(({ compute }) => compute);
  const asked = computing.length === 0 ? undefined : questionOf(project, code);
  if (!asked) return;
  try {
    identify(asked.provider, asked.question, root, cacheDirectory);
  } catch (error) {
    // Where only other machines compute, it does not matter that this one cannot.
    const isNeeded = computing.some(({ executor = project.executor }) => executor === undefined || executor === LOCAL);
    if (isNeeded || !isFailure(error)) throw error;
  }
}

/** @param name of who can tell it */
function notAsked(name: string): ComputeIdentity {
  return { backend: name, version: NOT_ASKED, threads: 1 };
}

/** @throws {Failure} where the provider is not installed, or has refused */
function computeIdentity(project: Project, stages: readonly PlanStage[], code: StageFingerprints): ComputeIdentity {
  const name = project.pipeline.compute?.provider;
  // A pipeline that does not compute needs no provider, and must run without one.
  if (name === undefined || !stages.some(({ compute }) => compute)) {
    return { backend: 'none', version: 'not used', threads: 1 };
  }
  const asked = questionOf(project, code);
  if (!asked) throw providerMissing(name);
  const answer = knownAnswer(asked.question, project.cacheDirectory);
  switch (answer?.kind) {
    case undefined:
      return notAsked(name);
    case 'refused':
      throw new Failure(answer.failure, answer.problems);
    case 'identified':
      return answer.identity;
  }
}

/** Undefined where the provider is not installed. */
function questionOf(
  { root, pipeline }: Project,
  code: StageFingerprints,
): { readonly provider: Provider; readonly question: Question } | undefined {
  if (!pipeline.compute) return undefined;
  const { request } = pipeline.compute;
  const provider = findProvider(pipeline.compute.provider, root);
  if (!provider) return undefined;
  return { provider, question: { provider: provider.name, content: code.packageContent(provider.directory), request } };
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
