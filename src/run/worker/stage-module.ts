import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeFingerprint } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { writeWholeFile } from '../../base/whole-file.ts';
import type { StageDefinition } from '../../contract/stage.ts';
import type { BundleCache } from '../../keys/bundle-cache.ts';
import type { Job } from '../protocol.ts';

/** Loads the very text that was hashed, once per process, and checks it against each stage that is made of it. */
export class StageModules {
  private readonly root: string;
  private readonly bundles: BundleCache;
  private readonly loaded = new Map<CodeFingerprint, Promise<StageDefinition>>();
  private readonly checked = new Set<string>();

  constructor(root: string, bundles: BundleCache) {
    this.root = root;
    this.bundles = bundles;
  }

  async load(job: Job): Promise<StageDefinition> {
    const loading = this.loaded.get(job.code) ?? this.import(job);
    this.loaded.set(job.code, loading);
    const definition = await loading;
    // Two stages of the pipeline may have one module, and declare other outputs.
    const use = `${job.stage} ${job.code}`;
    if (!this.checked.has(use)) {
      checkOutputs(definition, job);
      checkInputs(definition, job);
      this.checked.add(use);
    }
    return definition;
  }

  private async import(job: Job): Promise<StageDefinition> {
    const code = this.bundles.code(job.code);
    if (!code) {
      throw new Failure('store', {
        fact: `the code of stage ${job.stage} is not in the cache`,
        fix: 'run "vmfdag cache verify" and then again: it will be bundled anew',
      });
    }
    // The file lies in the project's own node_modules, so that Node resolves its packages as it would for the source.
    const directory = join(this.root, 'node_modules/.cache/vmfdag', job.code);
    const file = join(directory, 'stage.mjs');
    // By whoever it was changed: what is executed is what was hashed.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== code.text) {
      writeWholeFile(`${file}.map`, code.sourceMap);
      writeWholeFile(file, code.text);
    }
    const { default: definition } = (await import(pathToFileURL(file).href)) as { default: unknown };
    return checkDefinition(definition, job);
  }
}

function checkDefinition(value: unknown, job: Job): StageDefinition {
  const definition = value as Partial<StageDefinition> | undefined;
  if (!definition?.params || !definition.inputs || !definition.outputs || typeof definition.run !== 'function') {
    throw new Failure('usage', {
      fact: `${job.module} does not export a stage`,
      fix: 'export what defineStage({ params, inputs, outputs, run }) returns',
    });
  }
  return definition as StageDefinition;
}

function checkOutputs(definition: StageDefinition, job: Job): void {
  const declared = Object.fromEntries(Object.entries(definition.outputs).map(([name, codec]) => [name, codec.type]));
  for (const name of new Set([...Object.keys(declared), ...Object.keys(job.outputs)])) {
    if (declared[name] !== job.outputs[name]) {
      throw new Failure('usage', {
        fact: `stage ${job.stage}: output "${name}" is ${job.outputs[name] ?? 'not declared'} in the pipeline file and ${declared[name] ?? 'not declared'} in ${job.module}`,
        fix: 'make the two declarations of outputs the same',
      });
    }
  }
}

function checkInputs(definition: StageDefinition, job: Job): void {
  const bound = new Map(job.inputs.map(({ name, kind }) => [name, kind]));
  for (const name of new Set([...Object.keys(definition.inputs), ...bound.keys()])) {
    const [inCode, inPipeline] = [definition.inputs[name]?.kind, bound.get(name)];
    if (inCode !== inPipeline) {
      const describe = (kind: 'one' | 'many' | undefined) =>
        kind === undefined ? 'not declared' : kind === 'one' ? 'the output of one node' : 'gathered from many nodes';
      throw new Failure('usage', {
        fact: `stage ${job.stage}: input "${name}" is ${describe(inPipeline)} in the pipeline file and ${describe(inCode)} in ${job.module}`,
        fix: 'make the two declarations of inputs the same: one(codec) for one node, many(codec) for [name=*]',
      });
    }
  }
}
