import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import type { PlanNode } from '../../../src/engine/plan/plan.ts';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import { walk } from '../../../src/engine/staleness/judge.ts';
import type { StaleReason } from '../../../src/engine/staleness/stale-reason.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import { type NodeState, outputOf, survey } from '../../../src/engine/staleness/survey.ts';
import type { NodeRecord, RecordedInput } from '../../../src/engine/store/store.ts';
import { ownDifference } from '../../../src/engine/views/explain/own-difference.ts';
import type { WorkerPool } from '../../../src/engine/workers/pool.ts';
import { FakePool, settled } from '../run/fake-pool.ts';
import { MemoryStore } from '../run/memory-store.ts';
import {
  codeOf,
  type Edit,
  edited,
  edits,
  pipelineText,
  type World,
  withParam,
  worlds,
} from '../run/random-pipelines.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=5000 npx vitest run test/engine/staleness/random-reasons.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 40);
/** Of a machine that is busy with other work too. */
const TIMEOUT_MS = RUNS * 4000;

/** What an edit of the pipeline file can change besides: all of it is in keys, and none of it in the names of nodes. */
interface Variation {
  /** Seeds are texts: "1" and not 1. */
  readonly textSeeds: boolean;
  /** Positions of stages that give JSON and not bytes, and of those that compute with a backend. */
  readonly typed: readonly number[];
  readonly computing: readonly number[];
  readonly threads: number;
}

/** What happens to the cache between two runs. */
type Damage = { readonly kind: 'record' | 'bytes'; readonly which: number };

type Step =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'vary'; readonly change: Partial<Variation> }
  | { readonly kind: 'damage'; readonly damage: Damage };

const positions = fc.uniqueArray(fc.nat(6), { maxLength: 4 });

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: edits.map((edit) => ({ kind: 'edit' as const, edit })) },
  {
    weight: 3,
    arbitrary: fc
      .oneof(
        fc.record({ textSeeds: fc.boolean() }),
        fc.record({ typed: positions }),
        fc.record({ computing: positions }),
        fc.record({ threads: fc.integer({ min: 1, max: 2 }) }),
      )
      .map((change) => ({ kind: 'vary' as const, change })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ kind: fc.constantFrom<Damage['kind']>('record', 'bytes'), which: fc.nat(30) })
      .map((damage) => ({ kind: 'damage' as const, damage })),
  },
);

function requestOf(world: World, { textSeeds, typed, computing, threads }: Variation, set?: Edit): RunRequest {
  const written = JSON.parse(pipelineText(world)) as {
    params: { seeds: readonly unknown[] };
    stages: Record<string, { outputs: object; compute?: boolean }>;
    compute?: object;
  };
  written.compute = { provider: 'tfjs-backend-onednn', request: { backend: 'cpu' } };
  if (textSeeds) written.params.seeds = written.params.seeds.map(String);
  Object.values(written.stages).forEach((stage, position) => {
    // What a chain carries has the type of what it starts from.
    if (typed.includes(world.stages[position]?.chainFrom ?? position)) stage.outputs = { out: 'json' };
    if (computing.includes(position)) stage.compute = true;
  });
  const overrides = set?.kind === 'set' ? [{ path: `p${set.which}`, value: String(set.value), origin: '--set' }] : [];
  const plan = buildPlan(loadPipeline({ file: 'pipeline.yaml', text: JSON.stringify(written), overrides }));
  const code = new Map(world.stages.map((sketch) => [sketch.name, codeOf(world, sketch)]));
  return {
    plan,
    fingerprints: new Map(
      plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(code.get(stage.name) as string)] as const),
    ),
    compute: { backend: 'cpu', version: '1', threads },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
}

/** Runs a request; every so-manieth job fails. Bytes depend on all that is in the key, or, of every third node, on its name alone. */
async function complete(store: MemoryStore, request: RunRequest, failing: number): Promise<void> {
  const pool = new FakePool(store, 2);
  const loop = new RunLoop(request, store, pool as unknown as WorkerPool, {
    jobs: 2,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 0 },
    keepGoing: true,
    wanted: [],
    listener: () => {},
  });
  const ended = loop.run();
  await settled();
  for (let count = 1; pool.running.size > 0; count++) {
    const [node, { job }] = [...pool.running][0] as [string, { job: { key: string } }];
    if (count % failing === 0) await pool.fail(node);
    else await pool.finish(node, node.length % 3 === 0 ? node : job.key);
  }
  await ended;
  // As the recorder does.
  await store.putFailures('a run', loop.state.ledger.takeFailures());
}

/** Runs what was edited, and keeps its own account of what each node was finished as. */
class Witness {
  readonly store = new MemoryStore();
  /** By node, what a run last came to: executed, or found after something above it was executed. */
  readonly last = new Map<string, NodeRecord>();
  readonly removed = new Set<string>();
  readonly failed = new Set<string>();

  async run(request: RunRequest, failing: number): Promise<void> {
    await complete(this.store, request, failing);
    for (const { id } of request.plan.nodes) {
      if (this.store.lastFailure(id)) this.failed.add(id);
      const key = this.store.lastKey(id);
      const record = key && this.store.record(key);
      if (record) this.last.set(id, record);
    }
    for (const record of this.store.records()) this.removed.delete(record.key);
  }

  damage({ kind, which }: Damage): void {
    const records = [...this.store.records()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const record = records[which % Math.max(1, records.length)];
    if (!record) return;
    if (kind === 'bytes') this.store.loseTrace(record.key);
    else {
      this.store.lose(record.key);
      this.removed.add(record.key);
    }
  }
}

/** Whether a record and a node agree in what a rule compares, worked out without the rules. */
function agree(rule: string, node: PlanNode, record: NodeRecord, request: RunRequest, states: readonly NodeState[]) {
  switch (rule) {
    case 'code':
      return record.code === request.fingerprints.get(node.stage);
    case 'params':
      return isDeepStrictEqual(record.params, node.params);
    case 'coordinates':
      return isDeepStrictEqual({ ...record.coordinates }, { ...node.coordinates });
    case 'inputs':
      return isDeepStrictEqual(record.inputs, inputsNow(node, record, states));
    case 'compute':
      return isDeepStrictEqual(record.compute, node.stage.compute ? request.compute : null);
    case 'outputs':
      return isDeepStrictEqual(record.outputs.out?.type, node.stage.outputs.out);
    default:
      throw new Error(`no such comparison: ${rule}`);
  }
}

/** What a record would say of the inputs now. A digest that is not known yet is taken to be the recorded one. */
function inputsNow(node: PlanNode, { inputs }: NodeRecord, states: readonly NodeState[]) {
  const digest = (at: { node: number; output: string }, recorded: ArtefactDigest | undefined) =>
    outputOf(states[at.node], at.output) ?? recorded;
  return Object.fromEntries(
    node.inputs.map((input): [string, unknown] => {
      const recorded = inputs[input.name] as RecordedInput | undefined;
      if (input.kind === 'one') {
        return [
          input.name,
          { kind: 'one', digest: digest(input.source, recorded?.kind === 'one' ? recorded.digest : undefined) },
        ];
      }
      const items = input.sources.map((source, index) => ({
        coordinates: (states[source.node] as NodeState).node.coordinates,
        digest: digest(source, recorded?.kind === 'many' ? recorded.items[index]?.digest : undefined),
      }));
      return [input.name, { kind: 'many', items }];
    }),
  );
}

const COMPARED = ['code', 'params', 'coordinates', 'inputs', 'compute', 'outputs'];

it('the reason of each node, and what each rule found before it, is true of the records', {
  timeout: TIMEOUT_MS,
}, async () => {
  const seen = new Set<StaleReason['rule']>();
  await fc.assert(
    fc.asyncProperty(
      worlds,
      fc.array(fc.tuple(fc.array(steps, { minLength: 1, maxLength: 3 }), fc.integer({ min: 2, max: 12 })), {
        minLength: 1,
        maxLength: 6,
      }),
      async (first, rounds) => {
        const witness = new Witness();
        let world = first;
        let variation: Variation = { textSeeds: false, typed: [], computing: [], threads: 1 };
        const earlier = [first];
        await witness.run(requestOf(world, variation), 5);
        for (const [round, failing] of rounds) {
          let set: Edit | undefined;
          for (const step of round) {
            if (step.kind === 'vary') variation = { ...variation, ...step.change };
            else if (step.kind === 'damage') witness.damage(step.damage);
            else {
              set = step.edit;
              world = edited(world, step.edit, earlier);
              if (step.edit.kind === 'set') {
                // Otherwise nothing would come of setting a param to what it is.
                world = { ...world, params: withParam(world.params, step.edit.which, step.edit.value) };
              }
            }
          }
          earlier.push(world);
          const request = requestOf(world, variation, set);
          check(witness, request, seen);
          await witness.run(request, failing);
        }
      },
    ),
    { numRuns: RUNS, ...(process.env.VMFDAG_PROPERTY_RUNS ? {} : { seed: 1 }) },
  );
  // Every rule has decided, or the property says less than it seems to.
  const expected = ['never run', 'failed', 'lost', 'quarantined', ...COMPARED];
  expect([...seen].sort()).toEqual(expected.sort());
});

function check({ store, last, removed, failed }: Witness, request: RunRequest, seen: Set<string>): void {
  const states = survey(request, store);
  for (const state of states) {
    if (state.state === 'current') continue;
    const { node } = state;
    const record = last.get(node.id);
    const steps = state.state === 'stale' ? walk(state.subject, store) : [];
    const reason = state.state === 'stale' ? state.reason : ownDifference(node, request, states, store);
    const told = `${node.id}: ${JSON.stringify(reason)}`;
    if (reason) seen.add(reason.rule);
    switch (reason?.rule) {
      case 'never run':
        expect(record, told).toBeUndefined();
        expect(failed.has(node.id), told).toBe(false);
        break;
      case 'failed':
        expect(record, told).toBeUndefined();
        expect(failed.has(node.id), told).toBe(true);
        break;
      case 'quarantined':
        expect(state.state === 'stale' && store.record(state.subject.key), told).toBeTruthy();
        break;
      case 'lost':
        expect(record && removed.has(record.key), told).toBe(true);
        break;
      case undefined:
        // It waits, and may turn out to be up to date: nothing that is known may be different.
        for (const rule of COMPARED) expect(agree(rule, node, record as NodeRecord, request, states), told).toBe(true);
        break;
      default: {
        // Of rules that found nothing, nothing is different; of the one that decides, something is. `schema` is none of them.
        expect(COMPARED, told).toContain(reason?.rule);
        const upTo = COMPARED.indexOf(reason?.rule as string);
        for (const [index, rule] of COMPARED.entries()) {
          if (index > upTo) break;
          expect(agree(rule, node, record as NodeRecord, request, states), `${told}, ${rule}`).toBe(index < upTo);
        }
      }
    }
    for (const step of steps) {
      if (step.verdict || !record) continue;
      if (step.name === 'never run') expect(step.found, told).toMatch(/^yes/);
      if (COMPARED.includes(step.name)) expect(step.found, told).not.toBe('not known');
    }
  }
}
