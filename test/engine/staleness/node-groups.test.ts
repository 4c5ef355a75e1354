import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeKey } from '../../../src/engine/base/digest.ts';
import { KnownNodes } from '../../../src/engine/staleness/known-nodes.ts';
import { NodeGroups } from '../../../src/engine/staleness/node-groups.ts';
import { type RunRequest, Subjects } from '../../../src/engine/staleness/subjects.ts';
import { type NodeState, surveyEach } from '../../../src/engine/staleness/survey.ts';
import { MemoryStore } from '../run/memory-store.ts';
import { type Chance, RandomEvents } from '../run/random-events.ts';
import { edited, edits, type World, worlds } from '../run/random-pipelines.ts';
import { codeOfStages, contentOf, requestOf } from '../run/stand-in-stages.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=5000 npx vitest run test/engine/staleness/node-groups.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 150);
/** Of a machine that is busy with other work too. */
const TIMEOUT_MS = RUNS * 4000;

/** Executes all that is stale. A stage whose bytes do not repeat gives others each time. */
async function run(world: World, request: RunRequest, store: MemoryStore, salt: string): Promise<void> {
  const code = codeOfStages(world);
  const chance: Chance = { pick: () => 0, fate: () => 'committed', stops: () => false };
  const wishes = { keepGoing: false, wanted: [] };
  const events = new RandomEvents(request, wishes, store, chance, ({ subject: { node, inputs } }) =>
    contentOf({ params: node.params, coordinates: node.coordinates, inputs }, `${code.get(node.stage.name)}${salt}`),
  );
  await events.run();
}

function surveyWith(request: RunRequest, store: MemoryStore, fewest: number) {
  const { nodes } = request.plan;
  const subjects = new Subjects(request);
  const keys: (NodeKey | null)[] = nodes.map(() => null);
  const states: object[] = [];
  const groups = new NodeGroups(nodes, subjects, fewest);
  const visit = (state: NodeState) => {
    if (state.state === 'current') keys[state.node.index] = state.key;
    const { node, state: kind } = state;
    const found = state.state === 'current' ? { outputs: state.outputs, seconds: state.seconds } : {};
    if (state.state === 'cutShort') throw new Error('no chain of this pipeline ends early');
    const key = state.state === 'waiting' ? state.on.id : [state.key, state.subject.key, state.subject.inputs];
    states.push({ id: node.id, kind, key, ...found });
  };
  const known = new KnownNodes(nodes, subjects, store, groups);
  surveyEach(known, visit);
  return { states, toRemember: groups.toRemember(known.outputs, keys) };
}

describe('traces that are remembered together', { timeout: TIMEOUT_MS }, () => {
  it('say the same as the traces one by one, after any edit and any removal', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fc.array(fc.tuple(edits, fc.nat(3), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 6 }),
        async (drawn, steps) => {
          const store = new MemoryStore();
          const history = [drawn];
          for (const [edit, loss, which, isForced] of steps) {
            const before = history.at(-1) as World;
            await run(before, requestOf(before), store, '');
            await store.rememberTraces(surveyWith(requestOf(before), store, 1).toRemember, store.revision());
            const keys = [...store.records()].map(({ key }) => key);
            const lost = keys[which % keys.length] as NodeKey;
            if (loss === 1) store.lose(lost);
            if (loss === 2) store.loseTrace(lost);
            const world = edited(before, edit, history);
            history.push(world);
            const request = requestOf(world);
            // Its nodes give other bytes under the same keys.
            if (loss === 3)
              await run(world, { ...request, forced: new Set(world.stages.map(({ name }) => name)) }, store, ' ');
            const stage = world.stages[which % world.stages.length]?.name;
            const asked = isForced && stage !== undefined ? { ...request, forced: new Set([stage]) } : request;
            const reads = store.reads.traces;
            const together = surveyWith(asked, store, 1).states;
            const between = store.reads.traces;
            const single = surveyWith(asked, store, Number.POSITIVE_INFINITY).states;
            if (between - reads < store.reads.traces - between) hits++;
            expect(together).toEqual(single);
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(hits).toBeGreaterThan(0);
  });
});
