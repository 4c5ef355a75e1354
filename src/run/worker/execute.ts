import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { deepFreeze, type JsonObject } from '../../base/json.ts';
import type { Codec } from '../../contract/artefact.ts';
import type { ComputeIdentity, StageContext, StageDefinition } from '../../contract/stage.ts';
import type { KeyInput } from '../../keys/node-key.ts';
import type { NodeCommit, RecordedInput, RecordedOutput } from '../../store/store.ts';
import type { Job, WorkerSetup } from '../protocol.ts';
import type { ArtefactMemory } from './artefact-memory.ts';

/** What a stage may tell while it runs. */
export interface Observer {
  log(message: string): void;
  progress(fraction: number): void;
  /** All that was logged and printed so far. */
  logText(): string;
}

/** Runs one node: decodes its inputs, calls the stage, encodes what it returns. Writes nothing. */
export async function execute(
  job: Job,
  definition: StageDefinition,
  memory: ArtefactMemory,
  setup: WorkerSetup,
  observer: Observer,
): Promise<NodeCommit> {
  const startedAt = new Date();
  const started = performance.now();
  const context: StageContext<unknown, Record<string, unknown>> = {
    params: await checkedParams(definition, job),
    coordinates: deepFreeze({ ...job.coordinates }),
    inputs: await decodeInputs(definition, job.inputs, memory),
    get compute() {
      return visibleCompute(job);
    },
    log: observer.log,
    progress: observer.progress,
  };
  memory.endReading();
  const values = (await definition.run(context as never)) as Readonly<Record<string, unknown>>;
  checkNames(values, job);

  const artefacts = new Map<ArtefactDigest, Uint8Array>();
  const outputs: Record<string, RecordedOutput> = {};
  for (const [name, type] of Object.entries(job.outputs)) {
    const bytes = await encodeOutput(definition, job, name, values[name]);
    const digest = digestBytes<ArtefactDigest>(bytes);
    artefacts.set(digest, bytes);
    memory.keep(digest, bytes);
    outputs[name] = { type, digest, bytes: bytes.length };
  }
  return {
    artefacts,
    record: {
      key: job.key,
      node: job.node,
      stage: job.stage,
      code: job.code,
      params: job.params,
      coordinates: job.coordinates,
      inputs: Object.fromEntries(job.inputs.map((input) => [input.name, recordedInput(input)])),
      compute: job.compute,
      outputs,
      startedAt: startedAt.toISOString(),
      seconds: (performance.now() - started) / 1000,
      host: setup.host,
      run: setup.run,
      attempt: job.attempt,
      log: observer.logText(),
    },
  };
}

async function checkedParams(definition: StageDefinition, job: Job): Promise<unknown> {
  const result = await definition.params['~standard'].validate(deepFreeze(job.params) as JsonObject);
  if (result.issues) {
    throw new Failure(
      'usage',
      result.issues.map(({ message, path }) => {
        const name = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
        return {
          fact: `stage ${job.stage}: params${name ? `.${name}` : ''}: ${message}`,
          fix: `mend the params of stage ${job.stage} in the pipeline file, or the schema in ${job.module}`,
        };
      }),
    );
  }
  return deepFreeze(result.value);
}

async function decodeInputs(definition: StageDefinition, inputs: readonly KeyInput[], memory: ArtefactMemory) {
  const values: Record<string, unknown> = {};
  for (const input of inputs) {
    const codec = definition.inputs[input.name]?.codec as Codec<unknown>;
    if (input.kind === 'one') values[input.name] = await decode(codec, input.digest, memory);
    else {
      const gathered: unknown[] = [];
      for (const { coordinates, digest } of input.items) {
        gathered.push({ coordinates, value: await decode(codec, digest, memory) });
      }
      values[input.name] = gathered;
    }
  }
  return values;
}

/** A value of its own: what a stage does with it must not be seen by the nodes that read the same artefact later. */
function decode(codec: Codec<unknown>, digest: ArtefactDigest, memory: ArtefactMemory): unknown | Promise<unknown> {
  return codec.decode(codec.independent ? memory.view(digest) : memory.read(digest));
}

async function encodeOutput(definition: StageDefinition, job: Job, name: string, value: unknown): Promise<Uint8Array> {
  if (value === undefined) {
    throw new Failure('stage', {
      fact: `stage ${job.stage} returned no value for its output "${name}"`,
      fix: `return it from run() in ${job.module}`,
    });
  }
  try {
    return await (definition.outputs[name] as Codec<unknown>).encode(value);
  } catch (error) {
    throw new Failure(
      'stage',
      {
        fact: `the output "${name}" of stage ${job.stage} cannot be stored: ${(error as Error).message}`,
        fix: `mend what run() in ${job.module} returns`,
      },
      { cause: error },
    );
  }
}

/** A value that no output is declared for would be lost without a word. */
function checkNames(values: Readonly<Record<string, unknown>>, job: Job): void {
  const undeclared = Object.keys(values).find((name) => !Object.hasOwn(job.outputs, name));
  if (undeclared === undefined) return;
  throw new Failure('stage', {
    fact: `stage ${job.stage} returned a value for "${undeclared}", which is none of its outputs`,
    fix: `declare the output in ${job.module} and in the pipeline file, or do not return it`,
  });
}

function visibleCompute(job: Job): ComputeIdentity {
  if (job.compute) return job.compute;
  throw new Failure('usage', {
    fact: `stage ${job.stage} asks for context.compute, which is not in its key`,
    fix: `say "compute: true" in stage ${job.stage} of the pipeline file`,
  });
}

function recordedInput(input: KeyInput): RecordedInput {
  return input.kind === 'one' ? { kind: 'one', digest: input.digest } : { kind: 'many', items: input.items };
}
