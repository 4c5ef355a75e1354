import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { deepFreeze, type JsonObject } from '../../base/json.ts';
import type { AnyCodec, PathCodec } from '../../stage/artefact.ts';
import { describeValue } from '../../stage/codecs/describe-value.ts';
import type { ComputeIdentity, StageContext, StageDefinition } from '../../stage/stage.ts';
import type { TakenArtefact } from '../../store/artefact-files.ts';
import type { RecordedOutput } from '../../store/store.ts';
import type { ModuleJob, WorkerSetup } from '../protocol.ts';
import type { ArtefactMemory } from './artefact-memory.ts';
import { encodeOutput, refuseMissing } from './encode-output.ts';
import { inOrderOfNames } from './in-order-of-names.ts';
import { ModuleFiles } from './module-files.ts';
import { type MadeNode, nodeCommit } from './node-commit.ts';
import type { NodeFiles } from './node-files.ts';
import type { Observer } from './observer.ts';

/** Runs one node: decodes its inputs, calls the stage, encodes its outputs. The store has the parts of directories then, and no result. */
export async function execute(
  job: ModuleJob,
  definition: StageDefinition,
  memory: ArtefactMemory,
  nodeFiles: NodeFiles,
  setup: WorkerSetup,
  observer: Observer,
): Promise<MadeNode> {
  const startedAt = new Date();
  const started = performance.now();
  const files = new ModuleFiles(nodeFiles, job);
  const context: StageContext<unknown, Record<string, unknown>> = {
    params: await checkedParams(definition, job),
    coordinates: deepFreeze(inOrderOfNames(job.coordinates)),
    inputs: await decodeInputs(definition, job, memory, files),
    get compute() {
      return visibleCompute(job);
    },
    get scratch() {
      return files.scratch;
    },
    log: observer.log,
    progress: observer.progress,
    // A stage has no time of its own to tell.
    metric: (name, value, step) => observer.metric(name, value, step),
  };
  memory.endReading();
  const values = valuesOf(await definition.run(context as never), job);
  nodeFiles.checkInputs();

  const artefacts = new Map<ArtefactDigest, Uint8Array | TakenArtefact>();
  const outputs: Record<string, RecordedOutput> = {};
  for (const [name, type] of Object.entries(job.outputs)) {
    const codec = definition.outputs[name] as AnyCodec<unknown>;
    refuseMissing(job, name, values[name]);
    if (isPathCodec(codec)) {
      const taken = await files.take(name, codec.type, values[name]);
      artefacts.set(taken.digest, taken);
      outputs[name] = { type, digest: taken.digest, bytes: taken.bytes };
      continue;
    }
    const bytes = await encodeOutput(codec, job, name, values[name]);
    const digest = digestBytes<ArtefactDigest>(bytes);
    artefacts.set(digest, bytes);
    memory.keep(digest, bytes);
    outputs[name] = { type, digest, bytes: bytes.length };
  }
  const seconds = (performance.now() - started) / 1000;
  return nodeCommit(job, { outputs, artefacts, startedAt, seconds }, setup);
}

function isPathCodec(codec: AnyCodec<unknown>): codec is PathCodec {
  return codec.type === 'file' || codec.type === 'directory';
}

async function checkedParams(definition: StageDefinition, job: ModuleJob): Promise<unknown> {
  const result = await definition.params['~standard'].validate(deepFreeze(job.params) as JsonObject);
  if (result.issues) {
    throw new Failure(
      'usage',
      result.issues.map(({ message, path }) => {
        const name = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
        return {
          fact: `stage ${job.stage}: params${name ? `.${name}` : ''}: ${message}`,
          fix: `correct the params of stage ${job.stage} in the pipeline file, or the schema in ${job.program.path}`,
        };
      }),
    );
  }
  return deepFreeze(result.value);
}

async function decodeInputs(definition: StageDefinition, job: ModuleJob, memory: ArtefactMemory, files: ModuleFiles) {
  const values: Record<string, unknown> = {};
  // By name, as in the key: a stage must not see the order of the pipeline file.
  for (const input of job.inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const codec = definition.inputs[input.name]?.codec as AnyCodec<unknown>;
    const read = (digest: ArtefactDigest, place: string) => {
      if (isPathCodec(codec)) return files.give(input.name, digest, codec.type, place);
      files.requireKind(input.name, digest, codec.type);
      return decodeInput(codec, digest, memory, job, input.name);
    };
    if (input.kind === 'one') values[input.name] = await read(input.digest, input.name);
    else {
      const gathered: unknown[] = [];
      for (const [position, { coordinates, digest }] of input.items.entries()) {
        const value = await read(digest, `${input.name}/${position}`);
        gathered.push({ coordinates: inOrderOfNames(coordinates), value });
      }
      values[input.name] = gathered;
    }
  }
  return values;
}

/** A value of its own: later nodes that read the same artefact must not see what a stage does with it. */
async function decodeInput(
  codec: Exclude<AnyCodec<unknown>, PathCodec>,
  digest: ArtefactDigest,
  memory: ArtefactMemory,
  job: ModuleJob,
  name: string,
): Promise<unknown> {
  const bytes = codec.independent ? memory.view(digest) : memory.read(digest);
  try {
    return await codec.decode(bytes);
  } catch (error) {
    throw new Failure(
      'usage',
      {
        fact: `the input "${name}" of stage ${job.stage} cannot be read as ${codec.type}: ${(error as Error).message}`,
        fix: `declare it in ${job.program.path} with the codec of the output that it reads`,
      },
      { cause: error },
    );
  }
}

/** What a stage returned, by output name. A value without a declared output would be lost silently. */
function valuesOf(returned: unknown, job: ModuleJob): Readonly<Record<string, unknown>> {
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) {
    throw new Failure('stage', {
      fact: `stage ${job.stage} returned ${returned === undefined ? 'nothing' : describeValue(returned)}`,
      fix: `return { ${Object.keys(job.outputs).join(', ')} } from run() in ${job.program.path}: an object with a value for each output`,
    });
  }
  const undeclared = Object.keys(returned).find((name) => !Object.hasOwn(job.outputs, name));
  if (undeclared !== undefined) {
    throw new Failure('stage', {
      fact: `stage ${job.stage} returned a value for "${undeclared}", which is none of its outputs`,
      fix: `declare the output in ${job.program.path} and in the pipeline file, or do not return it`,
    });
  }
  return returned as Readonly<Record<string, unknown>>;
}

function visibleCompute(job: ModuleJob): ComputeIdentity {
  if (job.compute) return job.compute;
  throw new Failure('usage', {
    fact: `stage ${job.stage} asks for context.compute, which is not in its key`,
    fix: `say "compute: true" in stage ${job.stage} of the pipeline file`,
  });
}
