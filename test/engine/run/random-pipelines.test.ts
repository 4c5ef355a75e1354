import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import { Cut } from '../../../src/engine/staleness/cut.ts';
import { FakePool } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';
import { NaivePipeline } from './naive-pipeline.ts';
import { edited, edits, type ForOneRun, stopEdits, stoppingWorlds, type World, withParam } from './random-pipelines.ts';
import { codeOfStages, contentOf, digestOf, requestOf } from './stand-in-stages.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=5000 npx vitest run test/engine/run/random-pipelines.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 60);
/** Of a machine that is busy with other work too. */
const TIMEOUT_MS = RUNS * 4000;

/** Runs a project with the real pipeline file, plan, keys, staleness and loop; only files and processes are not there. */
async function runEngine(world: World, set: ForOneRun | undefined, store: MemoryStore, jobs: number) {
  const request = requestOf(world, set);
  const code = codeOfStages(world);
  const pool = new FakePool(store, jobs, (job) => contentOf(job, code.get(job.stage) as string));
  const loop = new RunLoop(request, store, pool, {
    jobs,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 0 },
    keepGoing: false,
    wanted: [],
    listener: () => {},
  });
  const summary = await loop.run();
  const digests = new Map(
    request.plan.nodes.flatMap(({ id, index }) => {
      const outputs = loop.state.known.outputs[index];
      return outputs instanceof Cut ? [] : [[id as string, outputs?.[0]] as const];
    }),
  );
  return { summary, executed: [...pool.names()].sort(), digests, nodes: request.plan.nodes.length };
}

it('executes the nodes that a naive model of the rules names, and gives the results of a run from scratch', {
  timeout: TIMEOUT_MS,
}, async () => {
  let cutOffs = 0;
  let cutsShort = 0;
  await fc.assert(
    fc.asyncProperty(
      stoppingWorlds,
      fc.array(fc.oneof({ weight: 4, arbitrary: edits }, { weight: 1, arbitrary: stopEdits }), { maxLength: 8 }),
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
          const { executed, upToDate, cutOff, cutShort = 0 } = run.summary;
          expect(executed + upToDate + cutOff).toBe(results.size);
          expect(results.size + cutShort).toBe(run.nodes);
          cutsShort += cutShort;
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
  expect(cutsShort).toBeGreaterThan(0);
});
