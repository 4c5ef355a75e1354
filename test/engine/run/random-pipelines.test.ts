import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { loadSpec } from '../../../src/engine/pipeline/load.ts';
import { buildPlan } from '../../../src/engine/plan/build.ts';
import { Scheduler } from '../../../src/engine/run/scheduler.ts';
import type { WorkerPool } from '../../../src/engine/workers/pool.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { FakePool } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';
import { NaivePipeline, resultOf } from './naive-pipeline.ts';
import {
  codeOf,
  edited,
  edits,
  type ForOneRun,
  pipelineText,
  type World,
  withParam,
  worlds,
} from './random-pipelines.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=5000 npx vitest run test/run/random-pipelines.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 60);

/** Runs a project with the real spec, plan, keys, staleness and scheduler; only files and processes are not there. */
async function runEngine(world: World, set: ForOneRun | undefined, store: MemoryStore, jobs: number) {
  const overrides = set ? [{ path: `p${set.which}`, value: String(set.value), origin: '--set' }] : [];
  const plan = buildPlan(loadSpec({ file: 'pipeline.yaml', text: pipelineText(world), overrides }));
  const code = new Map(world.stages.map((sketch) => [sketch.name, codeOf(world, sketch)]));
  const pool = new FakePool(store, jobs, (job) => execute(job, code.get(job.stage) as string));
  const request = {
    plan,
    fingerprints: new Map(
      plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(code.get(stage.name) as string)] as const),
    ),
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
  const scheduler = new Scheduler(request, store, pool as unknown as WorkerPool, {
    jobs,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 0 },
    keepGoing: false,
    wanted: [],
    listener: () => {},
  });
  const summary = await scheduler.run();
  const digests = new Map(plan.nodes.map(({ id, index }) => [id as string, scheduler.outputs[index]?.[0]]));
  return { summary, executed: [...pool.names()].sort(), digests };
}

/** Artefacts by digest, so that a stage is given the contents of its inputs. */
const contents = new Map<ArtefactDigest, string>();

function execute(job: Job, code: string): string {
  const content = (digest: ArtefactDigest) => contents.get(digest) as string;
  const inputs = Object.fromEntries(
    job.inputs.map((input) => [
      input.name,
      input.kind === 'one'
        ? content(input.digest)
        : input.items.map(({ coordinates, digest }) => [coordinates, content(digest)]),
    ]),
  );
  const result = resultOf(code, job.params.value, job.coordinates, inputs);
  contents.set(digestOf(result), result);
  return result;
}

/** As the fake pool stores it. */
function digestOf(content: string): ArtefactDigest {
  return digestBytes<ArtefactDigest>(`out: ${content}`);
}

it('executes what a naive model of the rules says, and ends with what a run from scratch gives', async () => {
  let cutOffs = 0;
  await fc.assert(
    fc.asyncProperty(
      worlds,
      fc.array(edits, { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (first, steps, jobs) => {
        const store = new MemoryStore();
        const done = new Set<string>();
        const history = [first];
        let world = first;
        for (const step of [{ kind: 'nothing' } as const, ...steps]) {
          world = edited(world, step, history);
          history.push(world);
          const set = step.kind === 'set' ? step : undefined;
          const model = new NaivePipeline(
            set ? { ...world, params: withParam(world.params, set.which, set.value) } : world,
          );
          const expected = [...model.work].flatMap(([node, work]) => (done.has(work) ? [] : [node])).sort();
          const results = new Map([...model.results()].map(([node, content]) => [node, digestOf(content)]));
          for (const work of model.work.values()) done.add(work);

          const run = await runEngine(world, set, store, jobs);
          expect(run.executed).toEqual(expected);
          expect(run.digests).toEqual(results);
          const { executed, upToDate, cutOff } = run.summary;
          expect(executed + upToDate + cutOff).toBe(results.size);
          cutOffs += cutOff;

          const fresh = await runEngine(world, set, new MemoryStore(), 1);
          expect(fresh.executed).toEqual([...results.keys()].sort());
          expect(fresh.digests).toEqual(results);
        }
      },
    ),
    { numRuns: RUNS, ...(process.env.VMFDAG_PROPERTY_RUNS ? {} : { seed: 1 }) },
  );
  // The edits are such that early cutoff happens.
  expect(cutOffs).toBeGreaterThan(0);
});
