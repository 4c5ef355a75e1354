import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import { inputNodes } from '../../../src/engine/plan/sources.ts';
import { unionOf } from '../../../src/engine/plan/union-plan.ts';
import { plan as planOf } from './plans.ts';

/** Chains of different lengths, from different steps on. */
const text = (stop: string) => `
params:
  chains: {a: {from: 1, to: 5}, b: {from: 1, to: 3}, c: {from: 2, to: 5}, d: {from: 1, to: 5}}
  factor: 2
stages:
  start: {run: s.ts, each: {chain: "\${chains}"}, outputs: {o: json}}
  train:
    run: s.ts
    each: {chain: "\${chains}"}
    scan: {step: {from: "\${chain.from}", to: "\${chain.to}"}, carry: {o: start.o}}
    outputs: {o: json}
    stop: ${stop}
  all: {run: s.ts, inputs: {o: "train.o[chain=*, step=*]"}, outputs: {o: json}}
`;

const HALVING = `{metric: loss, best: min, rungs: [2, 3], factor: "\${factor}"}`;
const train = ({ nodes }: Plan) => nodes.filter(({ stage }) => stage.name === 'train');
const idsOf = ({ nodes }: Plan, indices: readonly number[] = []) => indices.map((index) => nodes[index]?.id);

/** What the gates of a plan say, by the ids of the nodes behind them. */
function gatesOf(plan: Plan) {
  return Object.fromEntries(
    plan.nodes.flatMap(({ id, gate }) =>
      gate
        ? [[id, { after: plan.nodes[gate.after]?.id, step: gate.step, chains: idsOf(plan, gate.rung?.candidates) }]]
        : [],
    ),
  );
}

describe('gates', () => {
  it('at rungs compare the chains that have steps before and after', () => {
    const plan = planOf(text(HALVING));
    const second = ['train/a/2', 'train/b/2', 'train/c/2', 'train/d/2'];
    const third = ['train/a/3', 'train/c/3', 'train/d/3'];
    expect(gatesOf(plan)).toEqual({
      'train/a/3': { after: 'train/a/2', step: 2, chains: second },
      'train/b/3': { after: 'train/b/2', step: 2, chains: second },
      'train/c/3': { after: 'train/c/2', step: 2, chains: second },
      'train/d/3': { after: 'train/d/2', step: 2, chains: second },
      'train/a/4': { after: 'train/a/3', step: 3, chains: third },
      'train/c/4': { after: 'train/c/3', step: 3, chains: third },
      'train/d/4': { after: 'train/d/3', step: 3, chains: third },
    });
    const reporting = plan.nodes.flatMap(({ id, reports }) => (reports ? [id] : []));
    expect(reporting.sort()).toEqual([...second, ...third].sort());
  });

  it('come after all that they read, and the order of what is gathered stays', () => {
    const plan = planOf(text(HALVING));
    expect(train(plan).map(({ id }) => id.slice('train/'.length))).toEqual(
      // Up to step 2, then step 3, then the rest.
      [
        'a/1',
        'a/2',
        'b/1',
        'b/2',
        'c/2',
        'd/1',
        'd/2',
        'a/3',
        'b/3',
        'c/3',
        'd/3',
        'a/4',
        'a/5',
        'c/4',
        'c/5',
        'd/4',
        'd/5',
      ],
    );
    for (const [index, node] of plan.nodes.entries()) {
      expect(node.index).toBe(index);
      for (const above of [...inputNodes(node), ...(node.gate?.rung?.candidates ?? [])])
        expect(above).toBeLessThan(index);
    }
    const [gather] = plan.nodes.at(-1)?.inputs ?? [];
    const sources = gather?.kind === 'many' ? gather.sources.map(({ node }) => node) : [];
    const without = train(planOf(text('{metric: loss, above: 1}')));
    expect(idsOf(plan, sources)).toEqual(without.map(({ id }) => id));
  });

  it('need the chains that are compared before a step, and no further', () => {
    const plan = planOf(text(HALVING), ['train/a/3']);
    expect(train(plan).map(({ id }) => id)).toEqual([
      'train/a/1',
      'train/a/2',
      'train/b/1',
      'train/b/2',
      'train/c/2',
      'train/d/1',
      'train/d/2',
      'train/a/3',
    ]);
    expect(train(planOf(text(HALVING), ['train/a/2'])).map(({ id }) => id)).toEqual(['train/a/1', 'train/a/2']);
  });

  it('compare chains within coordinates only', () => {
    const plan = planOf(text('{metric: loss, best: min, rungs: [2], factor: 2, within: [chain]}'));
    expect(Object.values(gatesOf(plan)).map(({ chains }) => chains)).toEqual([
      ['train/a/2'],
      ['train/b/2'],
      ['train/c/2'],
      ['train/d/2'],
    ]);
  });

  it('of a bound begin at its first step; patience asks all steps', () => {
    const bound = planOf(text('{metric: loss, above: 1, from: 3}'));
    expect(Object.keys(gatesOf(bound))).toEqual([
      'train/a/4',
      'train/a/5',
      'train/c/4',
      'train/c/5',
      'train/d/4',
      'train/d/5',
    ]);
    const patience = planOf(text('{metric: loss, best: min, patience: 1}'), ['train/a']);
    expect(Object.keys(gatesOf(patience))).toEqual(['train/a/2', 'train/a/3', 'train/a/4', 'train/a/5']);
    expect(patience.nodes.flatMap(({ id, reports }) => (reports ? [id] : []))).toEqual([
      'train/a/1',
      'train/a/2',
      'train/a/3',
      'train/a/4',
    ]);
  });

  it('of two settings are one where all that they decide by is', () => {
    const factorOf = (factor: number) => planOf(text(HALVING).replace('factor: 2', `factor: ${factor}`));
    const union = (...factors: readonly number[]) =>
      unionOf(
        factors.map((factor, index) => ({ name: `part=${index}`, plan: factorOf(factor) })),
        ({ id }) => id,
      ).plan;
    expect(union(2, 2).nodes.map(({ id }) => id)).toEqual(factorOf(2).nodes.map(({ id }) => id));
    const both = union(2, 3);
    const ids = train(both).map(({ id }) => id as string);
    expect(ids.filter((id) => id.startsWith('train/a/'))).toEqual([
      'train/a/1',
      'train/a/2',
      'train/a/3/part=0',
      'train/a/4/part=0',
      'train/a/5/part=0',
      'train/a/3/part=1',
      'train/a/4/part=1',
      'train/a/5/part=1',
    ]);
    for (const node of both.nodes) {
      for (const above of [...inputNodes(node), ...(node.gate?.rung?.candidates ?? [])])
        expect(above).toBeLessThan(node.index);
      if (node.gate) expect(inputNodes(node)).toContain(node.gate.after);
    }
  });
});
