import { describe, expect, it } from 'vitest';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  type NodeKey,
} from '../../../src/engine/base/digest.ts';
import type { KeyInput } from '../../../src/engine/keys/node-key.ts';
import type { InstalledSoftware } from '../../../src/engine/staleness/installed-software.ts';
import { judge, type Verdict, walk } from '../../../src/engine/staleness/judge.ts';
import type { StaleReason } from '../../../src/engine/staleness/stale-reason.ts';
import type { Subject } from '../../../src/engine/staleness/subjects.ts';
import type { NodeRecord } from '../../../src/engine/store/store.ts';
import { MemoryStore } from '../run/memory-store.ts';
import { planOf, planStage } from '../run/plans.ts';
import { failedAttempt, recordOf } from '../store/fixtures.ts';

const artefact = (text: string) => digestBytes<ArtefactDigest>(text);
const wasm = { backend: 'wasm', version: '4.22.0', threads: 1 };
const stage = planStage('train', { outputs: { weights: 'safetensors', metrics: 'json' }, compute: true });
const [node] = planOf([
  { stage, coordinates: { epoch: 1 }, params: { batchSize: 64, model: { hidden: [800] } } },
]).nodes;
if (!node) throw new Error('a plan of one node has one');

const inputs: readonly KeyInput[] = [
  { kind: 'one', name: 'weights', digest: artefact('weights') },
  { kind: 'many', name: 'all', items: [1, 2].map((seed) => ({ coordinates: { seed }, digest: artefact(`${seed}`) })) },
];

const subject: Subject = {
  node,
  key: digestBytes<NodeKey>('the key now'),
  code: digestBytes<CodeFingerprint>('code'),
  compute: wasm,
  surroundings: { engine: 'V8 11.3', variables: { SEED: '1' } },
  inputs,
  forced: false,
};

/** The record of a time when all was as the subject is now. */
const same: NodeRecord = recordOf(node.id, {
  key: digestBytes<NodeKey>('an earlier key'),
  code: subject.code,
  params: node.params,
  coordinates: node.coordinates,
  compute: wasm,
  engine: 'V8 11.3',
  variables: { SEED: '1' },
  inputs: {
    weights: { kind: 'one', digest: artefact('weights') },
    all: { kind: 'many', items: [1, 2].map((seed) => ({ coordinates: { seed }, digest: artefact(`${seed}`) })) },
  },
  outputs: {
    weights: { type: 'safetensors', digest: artefact('w'), bytes: 1 },
    metrics: { type: 'json', digest: artefact('m'), bytes: 1 },
  },
});

function storeWith(...records: readonly NodeRecord[]): MemoryStore {
  const store = new MemoryStore();
  for (const record of records) store.keep(record);
  return store;
}

const otherCode = digestBytes<CodeFingerprint>('other code');
const otherParams = { ...same.params, batchSize: 32 };
const otherInputs: NodeRecord['inputs'] = { ...same.inputs, weights: { kind: 'one', digest: artefact('others') } };
const otherCompute = { ...wasm, threads: 2 };
const otherOutputs: NodeRecord['outputs'] = {
  weights: { type: 'safetensors', digest: artefact('w'), bytes: 1 },
  metrics: { type: 'csv', digest: artefact('m'), bytes: 1 },
};

const reasons = {
  code: { rule: 'code', old: otherCode, new: subject.code },
  params: { rule: 'params', changes: [{ path: 'batchSize', old: 32, new: 64 }] },
  coordinates: { rule: 'coordinates', changes: [{ path: 'epoch', old: '1', new: 1 }] },
  inputs: { rule: 'inputs', changes: [{ input: 'weights', old: [artefact('others')], new: [artefact('weights')] }] },
  compute: { rule: 'compute', old: otherCompute, new: wasm },
  outputs: { rule: 'outputs', changes: [{ path: 'metrics', old: 'csv', new: 'json' }] },
} satisfies Record<string, StaleReason>;

describe('judge', () => {
  it.each<[string, Partial<NodeRecord>, StaleReason]>([
    ['the code', { code: otherCode }, reasons.code],
    ['params', { params: otherParams }, reasons.params],
    ['the bytes of an input', { inputs: otherInputs }, reasons.inputs],
    ['compute', { compute: otherCompute }, reasons.compute],
    ['the types of outputs', { outputs: otherOutputs }, reasons.outputs],
    ['no compute before', { compute: null }, { rule: 'compute', old: null, new: wasm }],
    ['another engine', { engine: 'V8 13.6' }, { rule: 'engine', old: 'V8 13.6', new: 'V8 11.3' }],
    ['an environment before', { environment: 'uv.lock 1' }, { rule: 'environment', old: 'uv.lock 1', new: null }],
    ['GPUs before', { gpus: 'NVIDIA H200' }, { rule: 'gpus', old: 'NVIDIA H200', new: null }],
    [
      'another value of a variable',
      { variables: { SEED: null } },
      { rule: 'variables', changes: [{ path: 'SEED', old: null, new: '1' }] },
    ],
    ['a coordinate', { coordinates: { epoch: '1' } }, reasons.coordinates],
    ['nothing that is recorded', {}, { rule: 'schema' }],
    [
      'the coordinates of gathered items',
      {
        inputs: {
          ...same.inputs,
          all: {
            kind: 'many',
            items: ['1', 2].map((seed) => ({ coordinates: { seed }, digest: artefact(`${seed}`) })),
          },
        },
      },
      {
        rule: 'inputs',
        changes: [
          {
            input: 'all',
            old: [artefact('1'), artefact('2')],
            new: [artefact('1'), artefact('2')],
            coordinates: { old: [{ seed: '1' }, { seed: 2 }], new: [{ seed: 1 }, { seed: 2 }] },
          },
        ],
      },
    ],
    [
      'an input that was gathered from one node',
      {
        inputs: {
          ...same.inputs,
          weights: { kind: 'many', items: [{ coordinates: {}, digest: artefact('weights') }] },
        },
      },
      {
        rule: 'inputs',
        changes: [
          {
            input: 'weights',
            old: [artefact('weights')],
            new: [artefact('weights')],
            coordinates: { old: [{}], new: null },
          },
        ],
      },
    ],
    [
      'an input more, an input less and an item more',
      {
        inputs: {
          gone: { kind: 'one', digest: artefact('gone') },
          all: { kind: 'many', items: [{ coordinates: { seed: 1 }, digest: artefact('1') }] },
        },
      },
      {
        rule: 'inputs',
        changes: [
          { input: 'gone', old: [artefact('gone')], new: [] },
          { input: 'all', old: [artefact('1')], new: [artefact('1'), artefact('2')] },
          { input: 'weights', old: [], new: [artefact('weights')] },
        ],
      },
    ],
  ])('tells from the last record that it differs in %s', (_, changed, reason) => {
    expect(judge(subject, storeWith({ ...same, ...changed }))).toEqual({ status: 'stale', reason });
  });

  it('says that a node has never run', () => {
    expect(judge(subject, new MemoryStore())).toEqual({ status: 'stale', reason: { rule: 'never run' } });
  });

  it('does not say that a node has never run if its last record was removed', () => {
    const store = storeWith({ ...same, code: otherCode });
    store.lose(same.key);
    expect(judge(subject, store)).toEqual({ status: 'stale', reason: { rule: 'lost' } });
  });

  it('says of a node that has failed, and never finished, that it did', async () => {
    const store = new MemoryStore();
    await store.putFailures('run 7', [failedAttempt(node.id)]);
    expect(judge(subject, store)).toEqual({ status: 'stale', reason: { rule: 'failed', run: 'run 7' } });
    // Once it has finished, that is what it is compared with.
    store.keep({ ...same, params: otherParams });
    expect(judge(subject, store)).toEqual({ status: 'stale', reason: reasons.params });
  });

  it('says that bytes were damaged where the record under the key has no trace, whatever the last record is', () => {
    const store = storeWith({ ...same, key: subject.key }, { ...same, code: otherCode });
    store.loseTrace(subject.key);
    expect(judge(subject, store)).toEqual({ status: 'stale', reason: { rule: 'quarantined' } });
  });

  it('takes a record under the key, however different the last one was, and reads no record for it', () => {
    const store = storeWith({ ...same, key: subject.key }, { ...same, code: otherCode, params: otherParams });
    expect(judge(subject, store)).toEqual({
      status: 'current',
      trace: { seconds: same.seconds, outputs: [artefact('m'), artefact('w')] },
    });
    expect(store.reads).toEqual({ traces: 1, records: 0 });
  });

  it('runs what is forced, whatever is recorded', () => {
    const store = storeWith({ ...same, key: subject.key });
    expect(judge({ ...subject, forced: true }, store)).toEqual({ status: 'stale', reason: { rule: 'forced' } });
  });

  it('names the first of several differences, in a fixed order', () => {
    const differences: [keyof typeof reasons, Partial<NodeRecord>][] = [
      ['code', { code: otherCode }],
      ['params', { params: otherParams }],
      ['coordinates', { coordinates: { epoch: '1' } }],
      ['inputs', { inputs: otherInputs }],
      ['compute', { compute: otherCompute }],
      ['outputs', { outputs: otherOutputs }],
    ];
    for (let first = 0; first < differences.length; first++) {
      const record = Object.assign({}, same, ...differences.slice(first).map(([, changed]) => changed)) as NodeRecord;
      const verdict = judge(subject, storeWith(record)) as Extract<Verdict, { status: 'stale' }>;
      expect(verdict.reason).toEqual(reasons[differences[first]?.[0] as keyof typeof reasons]);
    }
  });

  it('tells where params are in another order, which a stage sees', () => {
    const reordered = { model: { hidden: [800] }, batchSize: 64 };
    expect(judge(subject, storeWith({ ...same, params: reordered }))).toEqual({
      status: 'stale',
      reason: {
        rule: 'params',
        changes: [{ path: 'order of all', old: ['model', 'batchSize'], new: ['batchSize', 'model'] }],
      },
    });
  });
});

describe('software that a command used', () => {
  const program = { kind: 'command', form: 'words', words: [], code: [], inputs: {} } as const;
  const [command] = planOf([{ stage: planStage('train', { program }) }]).nodes;
  const numpy = { kind: 'package', name: 'numpy', old: '1.24.2', new: '1.26.0' } as const;

  function judged(
    changes: readonly (typeof numpy)[] | undefined,
    recorded: Partial<NodeRecord> = { software: 'used' },
  ) {
    const software = { changes: (digest: string) => (digest === 'used' ? changes : undefined) };
    const asked = { ...subject, node: command ?? node, software: software as unknown as InstalledSoftware };
    return judge(asked as Subject, storeWith({ ...same, key: subject.key, ...recorded }));
  }

  it('makes a node stale that has a result under its key, where it has changed or is not known any more', () => {
    expect(judged([numpy])).toEqual({ status: 'stale', reason: { rule: 'software', changes: [numpy] } });
    expect(judged(undefined)).toEqual({ status: 'stale', reason: { rule: 'software', changes: null } });
    expect(judged([]).status).toBe('current');
    expect(judged([numpy], {}).status).toBe('current');
  });

  it('is asked of commands only', () => {
    const software = { changes: () => [numpy] } as unknown as InstalledSoftware;
    const verdict = judge({ ...subject, software }, storeWith({ ...same, key: subject.key, software: 'used' }));
    expect(verdict.status).toBe('current');
  });
});

describe('walk', () => {
  it('asks the questions in order, up to the one that decides, and says what each found', () => {
    const steps = walk(subject, storeWith(same));
    expect(steps.map((step) => `${step.name}: ${step.question} ${step.verdict ? 'it decides' : step.found}`)).toEqual([
      'forced: was its stage named by --force? no',
      'recorded: is there a result under its key? no',
      'quarantined: was there a result with damaged bytes? no',
      'never run: has it run before? yes, at 2026-01-02T03:04:05.678Z in run run 1',
      'failed: has it ever finished? yes',
      `lost: is that record still in the cache? yes, under the key ${same.key.slice(0, 12)}`,
      `code: is its code the same? yes, ${subject.code.slice(0, 12)}`,
      'params: are its params the same? yes, batchSize 64, model {"hidden":[800]}',
      'coordinates: are its coordinates the same? yes, epoch 1',
      'inputs: do its inputs have the same bytes? yes, weights, all',
      'variables: do its environment variables have the same values? yes, SEED "1"',
      'engine: does it run in the same JavaScript engine? yes, V8 11.3',
      'compute: does it compute with the same backend? yes, wasm 4.22.0, 1 thread',
      'environment: does its program come from the same environment? it names none',
      'gpus: does it run on the same GPUs? it asks for none',
      'outputs: are its declared outputs the same? yes, weights "safetensors", metrics "json"',
      'schema: is anything else in the key? it decides',
    ]);
  });

  it.each<[string, Subject, readonly NodeRecord[], number]>([
    ['forced', { ...subject, forced: true }, [same], 1],
    ['current', subject, [{ ...same, key: subject.key }], 2],
    ['never run', subject, [], 4],
    ['other params', subject, [{ ...same, params: otherParams }], 8],
  ])('comes to the same verdict as a run: %s', (_, asked, records, length) => {
    const store = storeWith(...records);
    const steps = walk(asked, store);
    expect(steps.length).toBe(length);
    expect(steps.at(-1)?.verdict).toEqual(judge(asked, store));
  });

  it('reads the last record once', () => {
    const store = storeWith(same);
    walk(subject, store);
    // And looks once for one under its own key.
    expect(store.reads).toEqual({ traces: 1, records: 2 });
  });
});
