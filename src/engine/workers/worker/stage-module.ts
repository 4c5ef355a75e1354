import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeFingerprint } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { BundleCache } from '../../keys/bundle-cache.ts';
import type { StageDefinition } from '../../stage/stage.ts';
import type { ModuleJob, WorkerSetup } from '../protocol.ts';
import { computedImportCheck } from './computed-import.ts';
import { executableFile } from './executable-file.ts';
import type { UnchangedPackages } from './unchanged-packages.ts';

/** The built program has it, since code from V8's cache cannot call `import`. */
declare const importModule: ((url: string) => Promise<unknown>) | undefined;

/** Makes a new instance of a stage, with module state of its own. */
type StageFactory = () => Promise<unknown>;

/** Loads the very text that was hashed, once per process. Each node gets a new instance of the stage, checked. */
export class StageModules {
  private readonly setup: Pick<WorkerSetup, 'root' | 'cacheDirectory' | 'isOfUnits'>;
  private readonly bundles: BundleCache;
  private readonly packages: UnchangedPackages;
  private readonly loaded = new Map<CodeFingerprint, Promise<StageFactory>>();
  private readonly checked = new Set<string>();

  constructor(
    setup: Pick<WorkerSetup, 'root' | 'cacheDirectory' | 'isOfUnits'>,
    bundles: BundleCache,
    packages: UnchangedPackages,
  ) {
    this.setup = setup;
    this.bundles = bundles;
    this.packages = packages;
  }

  async load(job: ModuleJob): Promise<StageDefinition> {
    const loading = this.loaded.get(job.code) ?? this.import(job);
    this.loaded.set(job.code, loading);
    const make = await loading;
    const definition = checkDefinition(await make(), job);
    // Two stages of the pipeline may share a module, and declare different outputs.
    const use = `${job.stage} ${job.code}`;
    if (!this.checked.has(use)) {
      checkOutputs(definition, job);
      checkInputs(definition, job);
      this.checked.add(use);
    }
    return definition;
  }

  private async import(job: ModuleJob): Promise<StageFactory> {
    const code = this.bundles.code(job.code);
    if (code?.kind !== 'module') {
      throw new Failure('store', {
        fact: `the code of stage ${job.stage} is not in the cache`,
        fix: 'run "vmfdag cache verify" and then again: it will be bundled again',
      });
    }
    const file = executableFile(code, this.setup, job);
    const url = pathToFileURL(file).href;
    const { default: make } = (await (typeof importModule === 'undefined' ? import(url) : importModule(url))) as {
      default: (checkImport: (specifier: unknown) => void) => Promise<unknown>;
    };
    // Once they are loaded: no later edit reaches this process. A unit has compared its packages itself.
    if (!this.setup.isOfUnits) this.packages.check(code.packages, dirname(file), job);
    const { stage, compute } = job;
    const checkImport = computedImportCheck({ stage, compute, root: this.setup.root, file, packages: code.packages });
    return () => make(checkImport);
  }
}

function checkDefinition(value: unknown, job: ModuleJob): StageDefinition {
  const definition = value as Partial<StageDefinition> | undefined;
  if (!definition?.params || !definition.inputs || !definition.outputs || typeof definition.run !== 'function') {
    throw new Failure('usage', {
      fact: `${job.program.path} does not export a stage`,
      fix: 'export what defineStage({ params, inputs, outputs, run }) returns',
    });
  }
  return definition as StageDefinition;
}

function checkOutputs(definition: StageDefinition, job: ModuleJob): void {
  const declared = Object.fromEntries(Object.entries(definition.outputs).map(([name, codec]) => [name, codec.type]));
  for (const name of new Set([...Object.keys(declared), ...Object.keys(job.outputs)])) {
    if (declared[name] !== job.outputs[name]) {
      throw new Failure('usage', {
        fact: `stage ${job.stage}: output "${name}" is ${job.outputs[name] ?? 'not declared'} in the pipeline file and ${declared[name] ?? 'not declared'} in ${job.program.path}`,
        fix: 'make the two declarations of outputs the same',
      });
    }
  }
}

function checkInputs(definition: StageDefinition, job: ModuleJob): void {
  const bound = new Map(job.inputs.map(({ name, kind }) => [name, kind]));
  for (const name of new Set([...Object.keys(definition.inputs), ...bound.keys()])) {
    const [inCode, inPipeline] = [definition.inputs[name]?.kind, bound.get(name)];
    if (inCode !== inPipeline) {
      const describe = (kind: 'one' | 'many' | undefined) =>
        kind === undefined ? 'not declared' : kind === 'one' ? 'the output of one node' : 'gathered from many nodes';
      throw new Failure('usage', {
        fact: `stage ${job.stage}: input "${name}" is ${describe(inPipeline)} in the pipeline file and ${describe(inCode)} in ${job.program.path}`,
        fix: 'make the two declarations of inputs the same: one(codec) for one node, many(codec) for [name=*]',
      });
    }
  }
}
