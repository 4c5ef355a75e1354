import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { evenRetries } from '../../../src/engine/pipeline/stages/retry-policy.ts';
import type { Plan, PlanStage } from '../../../src/engine/plan/plan.ts';
import { sourcesOf } from '../../../src/engine/plan/sources.ts';
import type { Task } from '../../../src/engine/run/task.ts';
import { Cut } from '../../../src/engine/staleness/cut.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import type { NodeOutcome } from '../../../src/engine/store/run-manifest.ts';
import { MemoryStore } from './memory-store.ts';
import { NaivePipeline } from './naive-pipeline.ts';
import { type Chance, type Fate, RandomEvents } from './random-events.ts';
import { edited, edits, stoppingWorlds, type World } from './random-pipelines.ts';
import { codeOfStages, contentOf, contentUnder, digestOf, requestOf } from './stand-in-stages.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=5000 npx vitest run test/engine/run/step.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 150);
/** Of a machine that is busy with other work too. */
const TIMEOUT_MS = RUNS * 4000;
const parameters = { numRuns: RUNS, ...(process.env.VMFDAG_PROPERTY_RUNS ? {} : { seed: 1 }) };

const FATES: readonly Fate[] = [
  'failed',
  'crash',
  'lost',
  'died',
  'refused',
  'refused by one unit',
  'missing',
  'damaged',
];

const draws = fc.record({
  world: stoppingWorlds,
  temporary: fc.func(fc.boolean()),
  retries: fc.nat(2),
  keepGoing: fc.boolean(),
  /** Of 100 tasks, how many meet with misfortune. */
  misfortune: fc.constantFrom(0, 0, 10, 40),
  stopsAfter: fc.option(fc.nat(40), { freq: 3, nil: undefined }),
  numbers: fc.infiniteStream(fc.nat(9999)),
});

/** The plan of a world, some of whose outputs are temporary. */
function temporaryPlan(
  request: RunRequest,
  isTemporary: (node: number) => boolean,
  retries: number,
  isReproducible: (stage: string) => boolean = () => true,
): RunRequest {
  const stages = new Map(
    request.plan.nodes.map(({ stage }) => [
      stage,
      { ...stage, retries: evenRetries(retries), reproducible: isReproducible(stage.name) },
    ]),
  );
  const nodes = request.plan.nodes.map((node) => ({ ...node, stage: stages.get(node.stage) ?? node.stage }));
  const transient = new Map(nodes.flatMap(({ index }) => (isTemporary(index) ? [[index, ['out']] as const] : [])));
  const plan: Plan = { nodes, targets: [], transient };
  const fingerprints = new Map([...request.fingerprints].map(([stage, code]) => [stages.get(stage) ?? stage, code]));
  return { ...request, plan, fingerprints };
}

/** Of stages that do not repeat their bytes. */
let executions = 0;

function simulate(
  request: RunRequest,
  world: World,
  store: MemoryStore,
  chance: Chance,
  keepGoing: boolean,
  isShared = false,
  targetSeconds?: number,
) {
  const code = codeOfStages(world);
  const content = ({ subject: { node, inputs } }: Task) =>
    contentOf(
      { params: node.params, coordinates: node.coordinates, inputs },
      code.get(node.stage.name) as string,
      node.stage.reproducible ? '' : ` #${executions++}`,
    );
  const there =
    targetSeconds === undefined ? {} : { executors: new Map([['there', { targetSeconds }]]), executor: 'there' };
  return new RandomEvents(request, { keepGoing, wanted: [], isShared, ...there }, store, chance, content);
}

function digestAt({ state }: RandomEvents, index: number): ArtefactDigest | undefined {
  const outputs = state.known.outputs[index];
  return outputs instanceof Cut ? undefined : outputs?.[0];
}

const idOf = (task: Task) => task.subject.node.id as string;
const of = (all: readonly string[], id: string) => all.filter((each) => each === id).length;
const countOf = ({ state }: RandomEvents, outcome: NodeOutcome) =>
  state.ledger.outcomes.filter((each) => each === outcome).length;
const recorded = ({ committed }: RandomEvents) =>
  committed.filter(({ purpose }) => purpose.kind === 'record').map(idOf);

describe('step', { timeout: TIMEOUT_MS }, () => {
  it('brings a random pipeline to the state that a naive model gives, for any order of events', async () => {
    let cutShort = 0;
    await fc.assert(
      fc.asyncProperty(draws, async ({ world, temporary, retries, keepGoing, misfortune, stopsAfter, numbers }) => {
        const stream = numbers[Symbol.iterator]();
        const draw = (count: number) => (stream.next().value as number) % count;
        const request = temporaryPlan(requestOf(world), temporary, retries);
        const { nodes } = request.plan;
        const model = new NaivePipeline(world);
        const store = new MemoryStore();
        let events = 0;
        let damage = 0;
        const unlucky: Chance = {
          pick: draw,
          fate: () => {
            const fate = draw(100) < misfortune ? (FATES[draw(FATES.length)] as Fate) : 'committed';
            if (fate === 'damaged') damage++;
            return fate;
          },
          stops: () => ++events === stopsAfter,
        };
        const first = simulate(request, world, store, unlucky, keepGoing);
        await first.run();

        // Whatever happened, the run has ended, and has nothing open.
        expect(first.hasEnded).toBe(true);
        expect(first.state.tasks.size).toBe(0);
        const { executed, failed } = first.state.counts;
        const others = ['cut off', 'cut short', 'failed', 'skipped'] as const;
        cutShort += countOf(first, 'cut short');
        expect(others.reduce((sum, outcome) => sum + countOf(first, outcome), executed)).toBe(nodes.length);
        expect(countOf(first, 'up to date')).toBe(0);
        expect(first.told.filter(({ type }) => type === 'failed')).toHaveLength(failed);
        if (misfortune === 0 && !first.state.isInterrupted)
          expect(recorded(first).sort()).toEqual([...model.work.keys()].sort());
        // What it holds for true is true.
        for (const { id, index } of nodes) {
          const digest = digestAt(first, index);
          if (digest) expect(digest).toBe(digestOf(model.results().get(id) as string));
        }

        // The next one, of which nothing bad happens, does what is left to do, and no more.
        const lucky: Chance = { pick: draw, fate: () => 'committed', stops: () => false };
        const second = simulate(request, world, store, lucky, false);
        await second.run();
        expect(second.hasEnded).toBe(true);
        expect(countOf(second, 'skipped')).toBe(0);
        for (const { id, index } of nodes) {
          const content = model.results().get(id);
          expect(digestAt(second, index)).toBe(content === undefined ? undefined : digestOf(content));
          expect(content === undefined).toBe(second.state.known.outputs[index] instanceof Cut);
        }
        const work = [...recorded(first), ...recorded(second)].sort();
        if (damage === 0) expect(work).toEqual([...model.work.keys()].sort());
        // Bytes that only temporary outputs hold are gone; those that none of them holds are there.
        if (second.committed.length === 0) return;
        // What the first step reads that is cut short stays.
        const kept = nodes.filter(({ index, gate }) => {
          const cut = second.state.known.outputs[index];
          return cut instanceof Cut && cut.after.index === gate?.after;
        });
        const read = kept.flatMap(({ inputs }) => inputs.flatMap(sourcesOf).map(({ node }) => digestAt(second, node)));
        for (const isHeld of [true, false]) {
          const held = (of: boolean) =>
            nodes.flatMap(({ index }) => (temporary(index) === of ? (digestAt(second, index) ?? []) : []));
          const others = new Set([...held(!isHeld), ...read]);
          for (const digest of held(isHeld)) if (!others.has(digest)) expect(store.hasArtefact(digest)).toBe(!isHeld);
        }
      }),
      parameters,
    );
    expect(cutShort).toBeGreaterThan(0);
  });

  it('sends steps of chains ahead whose keys come out the same, takes back what is not needed, and ends as without', async () => {
    let taken = 0;
    let recalled = 0;
    const times = fc.record({ target: fc.constantFrom(1, 2, 3, 100), isShared: fc.boolean(), step: edits });
    await fc.assert(
      fc.asyncProperty(
        draws,
        times,
        async ({ world: drawn, temporary, retries, ...rest }, { target, isShared, step }) => {
          const stream = rest.numbers[Symbol.iterator]();
          const draw = (count: number) => (stream.next().value as number) % count;
          const store = new MemoryStore();
          await store.putDurations(Object.fromEntries(drawn.stages.map(({ name }) => [name, 1])));
          const history = [drawn, edited(drawn, step, [drawn])];
          for (const drawnWorld of history) {
            const world = { ...drawnWorld, epochs: drawnWorld.epochs + 4 };
            const request = temporaryPlan(requestOf(world), temporary, retries);
            let events = 0;
            const fate = () => (draw(100) < rest.misfortune ? (FATES[draw(FATES.length)] as Fate) : 'committed');
            const stops = () => ++events === rest.stopsAfter;
            const first = simulate(
              request,
              world,
              store,
              { pick: draw, fate, stops },
              rest.keepGoing,
              isShared,
              target,
            );
            await first.run();
            const lucky: Chance = { pick: draw, fate: () => 'committed', stops: () => false };
            const second = simulate(request, world, store, lucky, false, isShared, target);
            await second.run();
            expect(countOf(second, 'skipped')).toBe(0);
            const model = new NaivePipeline(world);
            for (const run of [first, second]) {
              taken += run.taken;
              recalled += run.commands.filter(({ type }) => type === 'recall').length;
              expect(run.hasEnded).toBe(true);
              expect(run.state.tasks.size).toBe(0);
              // Everything that was sent has become a task, or was taken back.
              expect([...run.ahead.values()].map(({ node }) => node)).toEqual([]);
              expect(run.state.sentAhead.size).toBe(0);
              for (const { id, index } of run.state.nodes) {
                const digest = digestAt(run, index);
                if (digest) expect(digest).toBe(digestOf(model.results().get(id) as string));
              }
              for (const command of run.commands) {
                if (command.type !== 'execute') continue;
                // No more than the time allows, of the same chain, in its order.
                expect(command.ahead.length).toBeLessThanOrEqual(target - 1);
                const { node } = command.task.subject;
                expect(command.ahead.map(({ step }) => step.index - node.index)).toEqual(
                  command.ahead.map((_, at) => at + 1),
                );
                for (const { step } of command.ahead) expect(step.chain).toBe(node.chain);
              }
            }
          }
        },
      ),
      { ...parameters, numRuns: Math.ceil(RUNS / 3) },
    );
    expect(taken).toBeGreaterThan(0);
    expect(recalled).toBeGreaterThan(0);
  });

  it('executes nothing that the shared cache has, for any order of events', async () => {
    let fetched = 0;
    await fc.assert(
      fc.asyncProperty(draws, fc.func(fc.nat(2)), async ({ world, temporary, numbers, ...rest }, has) => {
        const stream = numbers[Symbol.iterator]();
        const draw = (count: number) => (stream.next().value as number) % count;
        const request = temporaryPlan(requestOf(world), temporary, rest.retries);
        const { nodes } = request.plan;
        const model = new NaivePipeline(world);
        const shared = (task: Task) =>
          (['nothing', 'a result', 'a result and its bytes'] as const)[has(idOf(task))] ?? 'nothing';
        let events = 0;
        const fate = () => (draw(100) < rest.misfortune ? (FATES[draw(FATES.length)] as Fate) : 'committed');
        const stops = () => ++events === rest.stopsAfter;
        const store = new MemoryStore();
        const first = simulate(request, world, store, { pick: draw, fate, shared, stops }, rest.keepGoing, true);
        await first.run();
        expect(first.hasEnded).toBe(true);
        expect(first.state.tasks.size).toBe(0);
        const lucky: Chance = { pick: draw, fate: () => 'committed', shared, stops: () => false };
        const second = simulate(request, world, store, lucky, false, true);
        await second.run();
        expect(second.hasEnded).toBe(true);
        expect(countOf(second, 'skipped')).toBe(0);
        for (const run of [first, second]) {
          fetched += run.fetched.length;
          expect(run.state.counts.fetched).toBe(countOf(run, 'fetched'));
          for (const { id, index } of nodes) {
            const digest = digestAt(run, index);
            if (digest) expect(digest).toBe(digestOf(model.results().get(id) as string));
          }
          const results = run.committed.filter(({ purpose }) => purpose.kind === 'record');
          for (const task of results) expect(shared(task)).toBe('nothing');
          // Nobody is asked, and nothing is told, a second time.
          const asked = run.commands.flatMap((command) => (command.type === 'lookUp' ? [command.task] : []));
          expect(asked).toHaveLength(new Set(asked).size);
          const tasks = asked.filter(({ purpose }) => purpose.kind === 'restore').map(idOf);
          const told = run.told.flatMap((event) => (event.type === 'restoring' ? event.nodes : []));
          for (const id of told) expect(of(told, id)).toBeLessThanOrEqual(of(tasks, id));
        }
      }),
      parameters,
    );
    expect(fetched).toBeGreaterThan(0);
  });

  it('runs what depends on a stage that was restored with other bytes, until all is made of what is there', async () => {
    let restored = 0;
    await fc.assert(
      fc.asyncProperty(
        draws,
        fc.array(edits, { minLength: 1, maxLength: 3 }),
        fc.func(fc.boolean()),
        fc.constantFrom(undefined, 2, 100),
        async (
          { world: drawn, temporary, retries, keepGoing, misfortune, stopsAfter, numbers },
          steps,
          repeats,
          target,
        ) => {
          const stream = numbers[Symbol.iterator]();
          const draw = (count: number) => (stream.next().value as number) % count;
          const store = new MemoryStore();
          await store.putDurations(Object.fromEntries(drawn.stages.map(({ name }) => [name, 1])));
          const lucky: Chance = { pick: draw, fate: () => 'committed', stops: () => false };
          const history = [drawn];
          const runWith = async (chance: Chance, small: World) => {
            const world = target === undefined ? small : { ...small, epochs: small.epochs + 4 };
            const request = temporaryPlan(requestOf(world), temporary, retries, repeats);
            const events = simulate(request, world, store, chance, keepGoing, false, target);
            await events.run();
            expect(events.hasEnded).toBe(true);
            expect(events.state.tasks.size).toBe(0);
            expect([...events.ahead.values()].map(({ node }) => node)).toEqual([]);
            expect(events.state.sentAhead.size).toBe(0);
            restored += events.told.filter(({ type }) => type === 'changed').length;
            // Whatever was cut off and executed after all: a later edit is compared with what it was made from last.
            const { ledger, nodes } = events.state;
            await store.rememberKeys(ledger.cutOffKeys());
            for (const { id, index } of nodes) {
              const outcome = ledger.outcomes[index];
              if (outcome === 'executed' || outcome === 'cut off') expect(store.lastKey(id)).toBe(ledger.keys[index]);
            }
            return events;
          };
          await runWith(lucky, drawn);
          for (const each of steps) {
            const world = edited(history.at(-1) as World, each, history);
            history.push(world);
            let events = 0;
            const fate = () => (draw(100) < misfortune ? (FATES[draw(FATES.length)] as Fate) : 'committed');
            await runWith({ pick: draw, fate, stops: () => ++events === stopsAfter }, world);
            const last = await runWith(lucky, world);
            const { state } = last;
            expect(countOf(last, 'skipped')).toBe(0);
            expect(state.counts.executed).toBeGreaterThanOrEqual(countOf(last, 'executed'));
            // Each node was made of what its inputs hold now.
            const code = codeOfStages(world);
            for (const node of state.nodes) {
              if (state.known.outputs[node.index] instanceof Cut) continue;
              const { inputs } = state.known.subject(node);
              const content = contentUnder(digestAt(last, node.index) as ArtefactDigest).split(' #')[0];
              const { params, coordinates } = node;
              expect(content).toBe(contentOf({ params, coordinates, inputs }, code.get(node.stage.name) as string));
            }
            // And the store says so too: nothing is left to do.
            const again = await runWith(lucky, world);
            expect(again.committed).toEqual([]);
          }
        },
      ),
      parameters,
    );
    expect(restored).toBeGreaterThan(0);
  });

  it('fails what an executor refuses whose machine is in the keys, and never gives it to the workers of this machine', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(draws, fc.func(fc.boolean()), async ({ world, temporary, numbers, ...rest }, isThere) => {
        const stream = numbers[Symbol.iterator]();
        const draw = (count: number) => (stream.next().value as number) % count;
        const asked = temporaryPlan(requestOf(world), temporary, rest.retries);
        const machine = { compute: null, gpus: 'others', isAsHere: false, file: '' };
        const stages = new Set(asked.plan.nodes.map(({ stage }) => stage));
        const machines = new Map([...stages].filter(({ name }) => isThere(name)).map((stage) => [stage, machine]));
        const request = { ...asked, machines };
        const fate = () => (draw(100) < rest.misfortune ? ('refused' as const) : 'committed');
        const store = new MemoryStore();
        const chance: Chance = { pick: draw, fate, stops: () => false };
        const run = simulate(request, world, store, chance, rest.keepGoing, false, 100);
        await run.run();
        expect(run.hasEnded).toBe(true);
        for (const task of run.committed) expect(task.isRefused && machines.has(task.subject.node.stage)).toBe(false);
        const failed = run.told.flatMap((event) => (event.type === 'failed' ? [event] : []));
        refused += failed.length;
        const stageOf = new Map(request.plan.nodes.map(({ id, stage }) => [id, stage]));
        for (const { node, cause } of failed) {
          expect(cause).toBe('refused');
          expect(machines.has(stageOf.get(node) as PlanStage)).toBe(true);
        }
      }),
      parameters,
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('gives the same commands for the same events', async () => {
    await fc.assert(
      fc.asyncProperty(draws, async ({ world, temporary, retries, keepGoing, misfortune, numbers }) => {
        const drawn = [...numbers.take(500)];
        const request = temporaryPlan(requestOf(world), temporary, retries);
        const once = async () => {
          let at = 0;
          const draw = (count: number) => (drawn[at++ % drawn.length] as number) % count;
          const fate = () => (draw(100) < misfortune ? (FATES[draw(FATES.length)] as Fate) : 'committed');
          const run = simulate(request, world, new MemoryStore(), { pick: draw, fate, stops: () => false }, keepGoing);
          await run.run();
          return run;
        };
        const [one, other] = [await once(), await once()];
        expect(other.commands).toEqual(one.commands);
        expect(other.history).toEqual(one.history);
      }),
      { ...parameters, numRuns: Math.min(RUNS, 20) },
    );
  });
});
