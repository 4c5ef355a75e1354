import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { nodeKey, stageKey } from '../../../src/engine/keys/node-key.ts';
import type { PlanNode } from '../../../src/engine/plan/plan.ts';
import { type RunRequest, Subjects } from '../../../src/engine/staleness/subjects.ts';
import { survey } from '../../../src/engine/staleness/survey.ts';
import { MemoryStore } from '../run/memory-store.ts';
import { planOf, planStage } from '../run/plans.ts';
import { recordOf } from '../store/fixtures.ts';

const artefact = (text: string) => digestBytes<ArtefactDigest>(text);
const wasm = { backend: 'wasm', version: '4.22.0', threads: 1 };

// Outputs are declared in another order than traces have them.
const init = planStage('init', { outputs: { weights: 'safetensors', log: 'json' } });
const train = planStage('train', { compute: true });
const plot = planStage('plot');
const plan = planOf([
  { stage: init, coordinates: { seed: 1 } },
  { stage: init, coordinates: { seed: 2 } },
  {
    stage: train,
    params: { batchSize: 64 },
    inputs: [{ kind: 'one', name: 'initial', source: { node: 1, output: 'weights' } }],
  },
  {
    stage: plot,
    inputs: [
      {
        kind: 'many',
        name: 'logs',
        sources: [
          { node: 0, output: 'log' },
          { node: 1, output: 'log' },
        ],
      },
    ],
  },
  { stage: planStage('report'), reads: ['plot', 'train'] },
]);
const [first, second, training, plotting] = plan.nodes as [PlanNode, PlanNode, PlanNode, PlanNode];
const code = (name: string) => digestBytes<CodeFingerprint>(`code of ${name}`);
const request: RunRequest = {
  plan,
  fingerprints: new Map(plan.nodes.map(({ stage }) => [stage, code(stage.name)])),
  compute: wasm,
  engine: 'V8 11.3',
  environment: {},
  forced: new Set(['plot']),
};
const surroundings = { engine: 'V8 11.3', variables: {} };
const known = [[artefact('log 1'), artefact('weights 1')], [artefact('log 2'), artefact('weights 2')], undefined];

describe('Subjects', () => {
  const subjects = new Subjects(request);

  it('names outputs by their place in traces, which is by sorted name', () => {
    expect(subjects.digest({ node: 1, output: 'weights' }, known)).toBe(artefact('weights 2'));
    expect(subjects.digest({ node: 0, output: 'log' }, known)).toBe(artefact('log 1'));
    expect(subjects.digest({ node: 2, output: 'out' }, known)).toBeUndefined();
  });

  it('knows no subject as long as an input is unknown', () => {
    expect(subjects.subject(training, [undefined, undefined])).toBeUndefined();
    expect(subjects.subject(plotting, [known[0], undefined])).toBeUndefined();
    expect(subjects.subject(plotting, known)).toBeDefined();
  });

  it('has the key of code, params, compute, coordinates and inputs', () => {
    const inputs = [{ kind: 'one', name: 'initial', digest: artefact('weights 2') }] as const;
    expect(subjects.subject(training, known)).toEqual({
      node: training,
      key: nodeKey(stageKey(train, code('train'), { batchSize: 64 }, surroundings, wasm), {}, inputs),
      code: code('train'),
      compute: wasm,
      surroundings,
      inputs,
      forced: false,
    });
  });

  it('gathers items with their coordinates, and leaves out compute where the stage does not ask for it', () => {
    const items = [
      { coordinates: { seed: 1 }, digest: artefact('log 1') },
      { coordinates: { seed: 2 }, digest: artefact('log 2') },
    ];
    const inputs = [{ kind: 'many', name: 'logs', items }] as const;
    expect(subjects.subject(plotting, known)).toEqual({
      node: plotting,
      key: nodeKey(stageKey(plot, code('plot'), {}, surroundings, undefined), {}, inputs),
      code: code('plot'),
      compute: undefined,
      surroundings,
      inputs,
      forced: true,
    });
  });

  it('tells nodes of one stage apart by their coordinates and params', () => {
    const other: PlanNode = { ...training, params: { batchSize: 32 } };
    const keys = [first, second, training, other].map((node) => subjects.subject(node, known)?.key);
    expect(new Set(keys).size).toBe(4);
    expect(keys).not.toContain(undefined);
  });

  it('does not depend on which node is asked for first', () => {
    const [forwards, backwards] = [new Subjects(request), new Subjects(request)];
    const nodes = [first, second, training, plotting];
    const keysOf = (of: Subjects, order: readonly PlanNode[]) =>
      new Map(order.map((node) => [node, of.subject(node, known)?.key]));
    expect(keysOf(backwards, nodes.toReversed())).toEqual(keysOf(forwards, nodes));
  });
});

describe('survey', () => {
  const quiet: RunRequest = { ...request, forced: new Set() };

  /** Keeps a record of a node as it would be run now, with outputs of its own. */
  function finish(store: MemoryStore, node: PlanNode, outputs: Parameters<Subjects['subject']>[1]) {
    const subject = new Subjects(quiet).subject(node, outputs);
    if (!subject) throw new Error('an input is unknown');
    const names = Object.keys(node.stage.outputs).sort();
    store.keep(
      recordOf(node.id, {
        key: subject.key,
        outputs: Object.fromEntries(
          names.map((name) => [name, { type: 'bytes' as const, digest: artefact(`${name} ${node.id}`), bytes: 1 }]),
        ),
      }),
    );
    return names.map((name) => artefact(`${name} ${node.id}`));
  }

  const described = (store: MemoryStore, asked = quiet) =>
    survey(asked, store).map((state) =>
      state.state === 'waiting' ? `waiting on ${state.on.id}` : state.state === 'stale' ? state.reason.rule : 'current',
    );

  it('says of every node whether it is current, stale, or waiting on a stale one', () => {
    const store = new MemoryStore();
    expect(described(store)).toEqual([
      'never run',
      'never run',
      'waiting on init/2',
      'waiting on init/1',
      'waiting on init/1',
    ]);
    const outputs = [finish(store, first, []), finish(store, second, [])];
    expect(described(store)).toEqual(['current', 'current', 'never run', 'never run', 'waiting on plot']);
    finish(store, plotting, outputs);
    expect(described(store)).toEqual(['current', 'current', 'never run', 'current', 'waiting on train']);
  });

  it('lets what is below a forced node wait', () => {
    const store = new MemoryStore();
    const outputs = [finish(store, first, []), finish(store, second, [])];
    finish(store, plotting, outputs);
    finish(store, training, outputs);
    expect(described(store, request)).toEqual(['current', 'current', 'current', 'forced', 'waiting on plot']);
  });

  it('gives the outputs and seconds of current nodes', () => {
    const store = new MemoryStore();
    finish(store, first, []);
    expect(survey(quiet, store)[0]).toMatchObject({
      state: 'current',
      node: first,
      outputs: [artefact('log init/1'), artefact('weights init/1')],
      seconds: 1.25,
    });
  });
});
