import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  type NodeKey,
} from '../../../../src/engine/base/digest.ts';
import { Failure } from '../../../../src/engine/base/failure.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { arrow } from '../../../../src/engine/stage/codecs/arrow.ts';
import { bytes } from '../../../../src/engine/stage/codecs/bytes.ts';
import { json } from '../../../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../../../src/engine/stage/codecs/safetensors.ts';
import { csv } from '../../../../src/engine/stage/codecs/text.ts';
import { defineStage, many, one, type StageDefinition } from '../../../../src/engine/stage/stage.ts';
import type { ArtefactFiles } from '../../../../src/engine/store/artefact-files.ts';
import type { ModuleJob } from '../../../../src/engine/workers/protocol.ts';
import { ArtefactMemory } from '../../../../src/engine/workers/worker/artefact-memory.ts';
import { execute } from '../../../../src/engine/workers/worker/execute.ts';
import { NodeFiles } from '../../../../src/engine/workers/worker/node-files.ts';
import { MemoryStore } from '../../run/memory-store.ts';
import { commitOf } from '../../store/fixtures.ts';

interface Loss {
  readonly loss: number;
}

const codec = json<Loss>();
const mean = defineStage({
  params: v.object({ weight: v.optional(v.number(), 2) }),
  inputs: { first: one(codec), all: many(codec) },
  outputs: { mean: json<Loss & { of: readonly string[] }>() },
  run({ params, coordinates, inputs, log, progress, metric }) {
    log('adding up');
    metric('loss', 12, 3);
    progress(0.5);
    const loss = inputs.all.reduce((sum, { value }) => sum + value.loss, inputs.first.loss) * params.weight;
    return {
      mean: { loss, of: [String(coordinates.name), ...inputs.all.map((item) => String(item.coordinates.seed))] },
    };
  },
});

const encoded = [1, 2, 3].map((loss) => codec.encode({ loss }));
const [one1, two, three] = encoded.map((bytes) => digestBytes<ArtefactDigest>(bytes)) as [
  ArtefactDigest,
  ArtefactDigest,
  ArtefactDigest,
];

const baseJob: ModuleJob = {
  id: 1,
  node: 'mean/x' as NodeId,
  key: digestBytes<NodeKey>('key'),
  stage: 'mean',
  program: { kind: 'module', path: 'stages/mean.ts' },
  code: digestBytes<CodeFingerprint>('code'),
  params: {},
  coordinates: { name: 'x' },
  inputs: [
    { kind: 'one', name: 'first', digest: one1 },
    {
      kind: 'many',
      name: 'all',
      items: [
        { coordinates: { seed: 1 }, digest: two },
        { coordinates: { seed: 2 }, digest: three },
      ],
    },
  ],
  outputs: { mean: 'json' },
  compute: null,
  surroundings: { engine: 'V8 11.3', variables: {} },
  undeclared: 'refuse',
  secrets: [],
  attempt: 2,
  purpose: { kind: 'record' },
};

async function memoryOf(artefacts: readonly Uint8Array[]) {
  const store = new MemoryStore();
  await store.commit(commitOf('inputs', Object.fromEntries(artefacts.map((bytes, index) => [`o${index}`, bytes]))));
  return new ArtefactMemory(store, 1000);
}

/** Nothing in this file reads or writes a path. */
const noFiles = new NodeFiles({ isDirectory: () => false } as unknown as ArtefactFiles, baseJob);

async function run(definition: StageDefinition, changes: Partial<ModuleJob> = {}, before?: ArtefactMemory) {
  const lines: string[] = [];
  const memory = before ?? (await memoryOf(encoded));
  const commit = await execute(
    { ...baseJob, ...changes },
    definition,
    memory,
    noFiles,
    { root: '/', cacheDirectory: '/cache', lease: 'lease', run: 'run 1', host: 'here' },
    {
      log: (line) => lines.push(line),
      progress: (fraction) => lines.push(`${fraction}`),
      metric: (...told) => lines.push(told.join(' ')),
      warn: () => {},
    },
  );
  return { commit, memory, lines };
}

const asStage = (definition: unknown) => definition as StageDefinition;

describe('execute', () => {
  it('gives a stage its inputs, and keeps what it returns with all that it came from', async () => {
    const { commit, memory, lines } = await run(asStage(mean));
    const bytes = Buffer.from('{"loss":12,"of":["x","1","2"]}\n');
    const digest = digestBytes<ArtefactDigest>(bytes);
    expect([...commit.artefacts].map(([key, value]) => [key, Buffer.from(value as Uint8Array).toString()])).toEqual([
      [digest, bytes.toString()],
    ]);
    expect(Buffer.from(memory.read(digest)).equals(bytes)).toBe(true);
    const { startedAt, seconds, ...record } = commit.record;
    expect(record).toEqual({
      key: baseJob.key,
      node: 'mean/x',
      stage: 'mean',
      code: baseJob.code,
      params: {},
      coordinates: { name: 'x' },
      inputs: {
        first: { kind: 'one', digest: one1 },
        all: {
          kind: 'many',
          items: [
            { coordinates: { seed: 1 }, digest: two },
            { coordinates: { seed: 2 }, digest: three },
          ],
        },
      },
      compute: null,
      engine: 'V8 11.3',
      variables: {},
      outputs: { mean: { type: 'json', digest, bytes: bytes.length } },
      host: 'here',
      run: 'run 1',
      attempt: 2,
    });
    expect(lines).toEqual(['adding up', 'loss 12 3', '0.5']);
    expect(new Date(startedAt).toISOString()).toBe(startedAt);
    expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('refuses params that the schema of the stage does not take', async () => {
    const failure = await run(asStage(mean), { params: { weight: 'heavy' } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).kind).toBe('usage');
    expect((failure as Failure).diagnostics).toEqual([
      {
        fact: 'stage mean: params.weight: Invalid type: Expected number but received "heavy"',
        fix: 'correct the params of stage mean in the pipeline file, or the schema in stages/mean.ts',
      },
    ]);
  });

  /** A stage that does one thing with its context, and puts the result into its output. */
  const trying = (action: (context: Parameters<StageDefinition['run']>[0]) => unknown) =>
    asStage({
      ...mean,
      run: (context: Parameters<StageDefinition['run']>[0]) => ({ mean: { result: action(context) } }),
    });

  it.each([
    ['params', (context: { params: unknown }) => Object.assign(context.params as object, { weight: 3 })],
    ['a deep param', ({ params }: { params: unknown }) => (params as { list: number[] }).list.push(1)],
    ['coordinates', ({ coordinates }: { coordinates: object }) => Object.assign(coordinates, { name: 'y' })],
  ])('does not let a stage change its %s, of which its key was made', async (_, action) => {
    const loose = { ...trying(action as never), params: v.record(v.string(), v.unknown()) };
    await expect(run(asStage(loose), { params: { weight: 1, list: [0] } })).rejects.toThrow(TypeError);
  });

  it('shows compute to a stage that has it in its key, and refuses it to others', async () => {
    const stage = trying(({ compute }) => compute.backend);
    const { commit } = await run(stage, { compute: { backend: 'wasm', version: '1', threads: 1 } });
    expect(Buffer.from([...commit.artefacts.values()][0] as Uint8Array).toString()).toBe('{"result":"wasm"}\n');
    const failure = await run(stage).catch((error: unknown) => error);
    expect((failure as Failure).message).toBe(
      'stage mean asks for context.compute, which is not in its key\n' +
        '  fix: say "compute: true" in stage mean of the pipeline file',
    );
  });

  it('hides from a stage what another one did to inputs that both read', async () => {
    const tensors = safetensors.encode({ image: { shape: [2], data: Uint8Array.of(1, 2) } });
    const raw = Uint8Array.of(3, 4);
    const memory = await memoryOf([tensors, raw]);
    const inputs = { tensors: one(safetensors), raw: one(bytes) };
    const spoiling = defineStage({
      params: v.object({}),
      inputs,
      outputs: { mean: json<number[]>() },
      run({ inputs: { tensors, raw } }) {
        const image = tensors.image?.data as Uint8Array;
        const mean = [...image, ...raw];
        image.fill(0);
        raw.fill(0);
        return { mean };
      },
    });
    const job: Partial<ModuleJob> = {
      inputs: [
        { kind: 'one', name: 'tensors', digest: digestBytes<ArtefactDigest>(tensors) },
        { kind: 'one', name: 'raw', digest: digestBytes<ArtefactDigest>(raw) },
      ],
    };
    for (let time = 0; time < 2; time++) {
      const { commit } = await run(asStage(spoiling), job, memory);
      expect(Buffer.from([...commit.artefacts.values()][0] as Uint8Array).toString()).toBe('[1,2,3,4]\n');
    }
  });

  it('refuses a stage that leaves an output out', async () => {
    await expect(run(asStage({ ...mean, run: () => ({}) }))).rejects.toThrow(
      'stage mean returned no value for its output "mean"\n  fix: return it from run() in stages/mean.ts',
    );
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'nothing'],
    ['null', null, 'null'],
    ['a number', 0, 'a number'],
    ['a text', '{"mean":1}', 'a string'],
    ['a list', [{ loss: 1, of: [] }], 'an Array'],
    ['a function', () => ({ mean: 1 }), 'a function'],
  ])('tells a stage that returns %s', async (_, returned, named) => {
    const stage = asStage({ ...mean, run: () => returned as never });
    await expect(run(stage)).rejects.toThrow(
      `stage mean returned ${named}\n  fix: return { mean } from run() in stages/mean.ts: an object with a value for each output`,
    );
  });

  it.each([
    ['a value', () => Promise.resolve({ loss: 1, of: [] })],
    ['an error', () => Promise.reject(new Error('late'))],
  ])('tells a stage that returns a promise of %s for an output', async (_, promiseOf) => {
    const stage = asStage({ ...mean, run: () => ({ mean: promiseOf() as never }) });
    await expect(run(stage)).rejects.toThrow(
      'stage mean returned a promise for its output "mean", not its value\n' +
        '  fix: write "await" before it in run() in stages/mean.ts',
    );
  });

  it('refuses a value that is too large before it is encoded, and one that turns out to be', async () => {
    const limit = 2 ** 31 - 1;
    const encodings: number[] = [];
    const ofSize = (size: number | undefined, encodedSize: number) => ({
      ...json<never>(),
      ...(size === undefined ? {} : { sizeOf: () => size }),
      encode: () => {
        encodings.push(encodedSize);
        return { length: encodedSize } as Uint8Array;
      },
    });
    const stageOf = (size: number | undefined, encodedSize: number) =>
      asStage({ ...mean, outputs: { mean: ofSize(size, encodedSize) }, run: () => ({ mean: 1 as never }) });
    const refused =
      'the output "mean" of stage mean cannot be stored: it is too large: 2,147,483,648 bytes, and a value can have at most 2,147,483,647\n' +
      '  fix: write it to a file and declare the output as file, or return less from run() in stages/mean.ts';
    await expect(run(stageOf(limit + 1, 1))).rejects.toThrow(refused);
    expect(encodings).toEqual([]);
    await expect(run(stageOf(undefined, limit + 1))).rejects.toThrow(refused);
    expect(encodings).toEqual([limit + 1]);
  });

  it('names the input that is of another type than the stage says', async () => {
    const raw = Uint8Array.of(0xff, 0xfe);
    const job: Partial<ModuleJob> = {
      inputs: [{ kind: 'one', name: 'text', digest: digestBytes<ArtefactDigest>(raw) }],
    };
    const memory = await memoryOf([raw]);
    for (const codec of [json<never>(), safetensors, csv, arrow]) {
      const stage = asStage({ ...mean, inputs: { text: one(codec as never) } });
      const failure: unknown = await run(stage, job, memory).catch((error: unknown) => error);
      expect((failure as Failure).message).toMatch(
        new RegExp(
          `^the input "text" of stage mean cannot be read as ${codec.type}: .+\n  fix: declare it in stages/mean.ts with the codec of the output that it reads$`,
        ),
      );
    }
  });

  it('refuses a value that no output is declared for', async () => {
    await expect(run(asStage({ ...mean, run: () => ({ mean: 1, median: 2 }) }))).rejects.toThrow(
      'stage mean returned a value for "median", which is none of its outputs\n' +
        '  fix: declare the output in stages/mean.ts and in the pipeline file, or do not return it',
    );
  });

  it('names the output that cannot be stored', async () => {
    await expect(run(asStage({ ...mean, run: () => ({ mean: { loss: Number.NaN } }) }))).rejects.toThrow(
      'the output "mean" of stage mean cannot be stored: $.loss is NaN: not a JSON number\n' +
        '  fix: correct what run() in stages/mean.ts returns',
    );
  });

  it('passes on what a stage throws', async () => {
    const thrown = new Error('no');
    const stage = trying(() => {
      throw thrown;
    });
    await expect(run(stage)).rejects.toBe(thrown);
  });
});
