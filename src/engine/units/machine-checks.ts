import { hostname } from 'node:os';
import type { Diagnostic } from '../base/diagnostic.ts';
import { diagnosticOf } from '../base/diagnostic-of.ts';
import type { CodeFingerprint } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import { shellLine, shellWord } from '../base/shell-word.ts';
import { identify } from '../compute/identify.ts';
import { findProvider, providerMissing } from '../compute/provider.ts';
import { Environments, fileOf, shortIdentity } from '../environments/environments.ts';
import type { StageCode } from '../keys/bundle-cache.ts';
import { FileStates } from '../keys/file-states.ts';
import { gpuIdentity } from '../keys/gpu-identity.ts';
import { JAVASCRIPT_ENGINE, NO_ENGINE } from '../keys/javascript-engine.ts';
import type { MachineIdentity } from '../keys/machine-identity.ts';
import { PackageContents } from '../keys/package-content.ts';
import { type PackageGraph, packageGraph, type ReachedPackage } from '../keys/package-graph.ts';
import type { DeclaredCompute } from '../pipeline/pipeline.ts';
import { isContainer, type ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import { changes } from '../staleness/changes.ts';
import type { Store } from '../store/store.ts';
import type { Job } from '../workers/protocol.ts';
import { codeFolder } from './package-copies.ts';

type CheckedJob = Pick<Job, 'surroundings' | 'compute' | 'program' | 'code'>;

/** How many packages a message names. */
const NAMED = 3;

/** Compares what the keys of jobs say with this machine: what differs would give results that their keys do not name. */
export class MachineChecks {
  private readonly root: string;
  private readonly cacheDirectory: string;
  private readonly compute: DeclaredCompute | null;
  private readonly version: string;
  private readonly packages: PackageContents;
  private readonly environments: Environments;
  /** By what was looked at. */
  private readonly known = new Map<string, Diagnostic | undefined>();

  /** @param version of vmfdag, on both sides */
  constructor(
    { root, cacheDirectory, version }: { readonly root: string; readonly cacheDirectory: string; version: string },
    compute: DeclaredCompute | null,
    bundles: Store['bundles'],
  ) {
    this.root = root;
    this.cacheDirectory = cacheDirectory;
    this.compute = compute;
    this.version = version;
    this.packages = new PackageContents((directory) => bundles.packageFacts(directory));
    this.environments = new Environments(root, cacheDirectory, true);
  }

  /** The packages that code reaches and that are not here, by content. */
  missingPackages(code: CodeFingerprint, wanted: PackageGraph): readonly ReachedPackage[] {
    const found = new Set(this.found(codeFolder(this.root, code), wanted).packages.map(({ content }) => content));
    return wanted.packages.filter(({ content }) => content !== null && !found.has(content));
  }

  /** Installs what a job needs, which may take minutes. `refusal` would do so too, but a unit that is held up shows no sign of life. */
  async install({ program }: CheckedJob, signal: AbortSignal): Promise<void> {
    if (program.kind !== 'command' || !program.environment) return;
    await this.environments.install({ environment: program.environment, range: NOWHERE }, signal);
  }

  /** Why this machine must not execute a job; undefined if it may. */
  refusal({ surroundings, compute, program, code }: CheckedJob, stageCode: StageCode): Diagnostic | undefined {
    const { engine, gpus, environment } = surroundings;
    const isEngine = engine === NO_ENGINE || engine === JAVASCRIPT_ENGINE;
    if (!isEngine) return { fact: `${hostname()} has ${JAVASCRIPT_ENGINE}, and the run has ${engine}`, fix: SAME_NODE };
    return (
      (gpus === undefined ? undefined : this.once(`gpus ${gpus}`, () => differentGpus(gpus))) ??
      (isContained(program) ? undefined : this.once(`code ${code}`, () => this.differentPackages(stageCode))) ??
      (compute === null
        ? undefined
        : this.once(`compute ${JSON.stringify(compute)}`, () => this.differentCompute(compute as never))) ??
      (program.kind === 'command' && program.environment && environment !== undefined
        ? this.differentEnvironment(program.environment, environment)
        : undefined)
    );
  }

  private once(name: string, look: () => Diagnostic | undefined): Diagnostic | undefined {
    if (this.known.has(name)) return this.known.get(name);
    const found = refusalOf(look);
    this.known.set(name, found);
    return found;
  }

  private found(folder: string, wanted: PackageGraph): PackageGraph {
    return packageGraph(Object.keys(wanted.imported), folder, this.packages, new FileStates());
  }

  /** The code of a module lies in the project. A command is executed in a folder of the cache, and Node looks above it. */
  private differentPackages({ kind, fingerprint, packages: wanted }: StageCode): Diagnostic | undefined {
    if (!wanted) return undefined;
    const place = kind === 'module' ? this.root : this.cacheDirectory;
    const found = this.found(kind === 'module' ? codeFolder(place, fingerprint) : place, wanted);
    if (JSON.stringify(found) === JSON.stringify(wanted)) return undefined;
    const has = (name: string) => found.packages.filter((each) => each.name === name);
    const different = wanted.packages.filter(
      ({ name, content }) => content !== null && !has(name).some((each) => each.content === content),
    );
    const [first] = different;
    const where = `in ${place} on ${hostname()}`;
    // The same packages, wired in another way, or one more.
    if (!first) return { fact: `other packages are installed ${where} than where the run is`, fix: 'npm ci' };
    const told = different.slice(0, NAMED).map((each) => this.describe(each, has(each.name)));
    const more = different.length > NAMED ? ` and ${different.length - NAMED} more` : '';
    const fact = `packages ${where} are not those of the run: ${told.join(', ')}${more}`;
    if (kind === 'command') return { fact, fix: 'name a cache in a folder that has them: vmfdag unit --cache DIR' };
    const names = different.slice(0, NAMED).map((each) => `${each.name}@${this.versionOf(each)}`);
    return {
      fact,
      fix: `there: cd ${shellWord(this.root)} && npm install ${shellLine(names)}; or name another folder with "vmfdag unit --root DIR"`,
    };
  }

  private describe(wanted: ReachedPackage, found: readonly ReachedPackage[]): string {
    const version = this.versionOf(wanted);
    if (found.every(({ content }) => content === null)) return `${wanted.name} ${version} is missing`;
    const [other] = found;
    return other?.version === wanted.version
      ? `${wanted.name} ${version} has other files`
      : `${wanted.name} is ${other?.version}, and not ${version}`;
  }

  /** The engine's own package counts by its files. */
  private versionOf({ version }: ReachedPackage): string {
    return version ?? this.version;
  }

  /**
   * What the keys of nodes name that are executed here.
   * @param withCompute whether the compute provider is asked
   * @throws {Failure} where it is not installed, or refuses
   */
  identity(withCompute: boolean): MachineIdentity {
    return { compute: withCompute ? this.computeIdentity() : null, gpus: gpuIdentity() };
  }

  private computeIdentity(): ComputeIdentity {
    const { provider: name = '', request = null } = this.compute ?? {};
    const provider = findProvider(name, this.root);
    if (!provider) throw providerMissing(name);
    const { content } = this.packages.of(provider.directory);
    const answer = identify(provider, { content, request }, this.root, this.cacheDirectory);
    if (answer.kind === 'refused') throw new Failure(answer.failure, answer.problems);
    return answer.identity;
  }

  private differentCompute(wanted: JsonValue): Diagnostic | undefined {
    const different = changes(wanted, this.computeIdentity() as never);
    if (different.length === 0) return undefined;
    const told = different.map(
      ({ path, old, new: now }) => `${path} is ${JSON.stringify(now)} and not ${JSON.stringify(old)}`,
    );
    return {
      fact: `${hostname()} computes with something else than the keys of these nodes name: ${told.join(', ')}`,
      fix: OTHER_MACHINE,
    };
  }

  private differentEnvironment(environment: ProgramEnvironment, wanted: string): Diagnostic | undefined {
    return this.once(`environment ${wanted}`, () => {
      const found = this.environments.identity({ environment, range: NOWHERE });
      if (found === wanted) return undefined;
      return {
        fact: `the environment in ${this.root} on ${hostname()} is ${shortIdentity(found)}, and not ${shortIdentity(wanted)}`,
        fix: `there: bring ${fileOf(environment) ?? 'the environment'} and what it needs up to date in ${this.root}`,
      };
    });
  }
}

const SAME_NODE = 'install the same major version of Node on both machines';

const NOWHERE = { file: '', line: 1, column: 1, length: 1, lineText: '' };

function differentGpus(wanted: string): Diagnostic | undefined {
  const found = gpuIdentity();
  if (found === wanted) return undefined;
  return {
    fact: `the GPUs of ${hostname()} are ${found}, and the keys of these nodes name ${wanted}`,
    fix: OTHER_MACHINE,
  };
}

const OTHER_MACHINE =
  'if it has changed, run again: the executor is asked again. Give machines of different kinds an executor each';

/** A container has packages of its own. */
function isContained(program: Job['program']): boolean {
  return program.kind === 'command' && program.environment !== undefined && isContainer(program.environment);
}

/** A machine that lacks what a job needs is no failure of the node. Places of the pipeline file are not known here. */
function refusalOf(look: () => Diagnostic | undefined): Diagnostic | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return problemHere(error);
  }
}

/** What an error says, for a reader on another machine. */
export function problemHere(error: unknown): Diagnostic {
  return onThisHost(diagnosticOf(error));
}

/** For a reader on another machine. */
export function onThisHost({ fact, fix }: Diagnostic): Diagnostic {
  return { fact: `on ${hostname()}: ${fact}`, ...(fix === undefined ? {} : { fix: `there: ${fix}` }) };
}
