import { expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import { forecastRestorations } from '../../../src/engine/run/forecast-restorations.ts';
import { Subjects } from '../../../src/engine/staleness/subjects.ts';
import { survey } from '../../../src/engine/staleness/survey.ts';
import { commitOf } from '../store/fixtures.ts';
import { MemoryStore } from './memory-store.ts';
import { planOf, planStage } from './plans.ts';

const [train, look, last] = [planStage('train'), planStage('look'), planStage('last')];

/** train/1 → train/2 → train/3, a look at each, and one node that reads look/3 and train/2. */
const plan: Plan = planOf([
  { stage: train, coordinates: { epoch: 1 } },
  { stage: train, coordinates: { epoch: 2 }, reads: ['train/1'] },
  { stage: train, coordinates: { epoch: 3 }, reads: ['train/2'] },
  ...[1, 2, 3].map((epoch) => ({ stage: look, coordinates: { epoch }, reads: [`train/${epoch}`] })),
  { stage: last, reads: ['look/3', 'train/2'] },
]);

/** A store in which nodes are up to date, took their index in seconds, and have bytes if `has` says so. */
async function storeWith(upToDate: readonly string[], has: (node: string) => boolean) {
  const request = {
    plan,
    fingerprints: new Map([train, look, last].map((stage) => [stage, digestBytes<CodeFingerprint>(stage.name)])),
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
  const store = new MemoryStore();
  const subjects = new Subjects(request);
  const outputs: (readonly never[] | undefined)[] = [];
  for (const node of plan.nodes) {
    const subject = subjects.subject(node, outputs);
    const { record, artefacts } = commitOf(node.id, { out: Buffer.from(node.id) });
    outputs.push(upToDate.includes(node.id) ? ([...artefacts.keys()] as never[]) : undefined);
    if (!subject || !upToDate.includes(node.id)) continue;
    await store.commit({
      record: { ...record, key: subject.key, seconds: node.index + 1 },
      artefacts: has(node.id) ? artefacts : new Map(),
    });
  }
  const { certain, possible } = forecastRestorations(survey(request, store), store);
  const brief = ({ nodes, seconds }: typeof certain) => ({ nodes: nodes.map(({ id }) => id).sort(), seconds });
  return { certain: brief(certain), possible: brief(possible) };
}

const nothing = { nodes: [], seconds: 0 };
const everything = plan.nodes.map(({ id }) => id);

it('is nothing where nothing runs, though bytes are evicted', async () => {
  expect(await storeWith(everything, () => false)).toEqual({ certain: nothing, possible: nothing });
});

it('goes upstream from evicted bytes to the nearest kept ones', async () => {
  const withoutLook3 = everything.filter((node) => node !== 'look/3');
  expect(await storeWith(withoutLook3, (node) => node === 'train/1')).toEqual({
    certain: { nodes: ['train/2', 'train/3'], seconds: 2 + 3 },
    possible: nothing,
  });
});

it('separates what is certainly needed from what a waiting node may need', async () => {
  const upToDate = everything.filter((node) => node !== 'look/3' && node !== 'last');
  expect(await storeWith(upToDate, (node) => node === 'train/3')).toEqual({
    certain: nothing,
    possible: { nodes: ['train/1', 'train/2'], seconds: 1 + 2 },
  });
});
