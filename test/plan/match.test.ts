import { describe, expect, it } from 'vitest';
import { matchNodes, matchOutput } from '../../src/plan/match.ts';
import { targetNames } from '../../src/plan/names.ts';
import { load, messageOf } from '../spec/pipelines.ts';
import { EXPERIMENT, plan } from './plans.ts';

const whole = plan(EXPERIMENT);

describe('nodes of a plan', () => {
  const matched = (pattern: string) => matchNodes(whole, pattern).map(({ id }) => id);

  it('are found by id, wildcard, name and stage', () => {
    expect(matched('train/fnn/1/2')).toEqual(['train/fnn/1/2']);
    expect(matched('train/fnn/1/*')).toEqual(['train/fnn/1/1', 'train/fnn/1/2', 'train/fnn/1/3']);
    expect(matched('train/epoch=3/seed=2')).toEqual(['train/fnn/2/3']);
    expect(matched('compare')).toEqual(['compare/fnn', 'compare/cnn']);
  });

  it('unknown ones are explained', () => {
    expect(messageOf(() => matched('trian/fnn'))).toMatchInlineSnapshot(`
      "
      the plan has no stage "trian"
        fix: did you mean "train"?
      "
    `);
    expect(messageOf(() => matched('train/fmn/1/2'))).toMatchInlineSnapshot(`
      "
      no node matches "train/fmn/1/2"
        fix: "architecture": did you mean "fnn"?
      "
    `);
    expect(messageOf(() => matched('train/fnn/1/7'))).toMatchInlineSnapshot(`
      "
      no node matches "train/fnn/1/7"
        fix: "epoch" is one of 1, 2, 3
      "
    `);
    expect(messageOf(() => matched('train/fnn/1/2/3'))).toMatchInlineSnapshot(`
      "
      "train/fnn/1/2/3" has more coordinates than stage "train"
        fix: its coordinates are: "architecture", "seed", "epoch"
      "
    `);
    expect(messageOf(() => matched('train/epochs=3'))).toMatchInlineSnapshot(`
      "
      stage "train" has no coordinate "epochs"
        fix: did you mean "epoch"?
      "
    `);
    expect(messageOf(() => matched('train/fnn/epoch=3'))).toMatchInlineSnapshot(`
      "
      "train/fnn/epoch=3" names some coordinates and not others
        fix: write train/architecture=…/seed=…/epoch=…, or the values alone in this order
      "
    `);
  });
});

describe('outputs of a plan', () => {
  it('are found by node and name', () => {
    const found = matchOutput(whole, 'train/fnn/1/2.metrics');
    expect([found.node.id, found.output]).toEqual(['train/fnn/1/2', 'metrics']);
    expect(matchOutput(whole, 'compare/fnn').output).toBe('table');
  });

  it('also where a coordinate holds a dot', () => {
    const dotted = plan('stages: {a: {run: a.ts, each: {x: [0.5, 1]}, outputs: {o: json}}}\n');
    expect(matchOutput(dotted, 'a/0.5').node.id).toBe('a/0.5');
    expect(matchOutput(dotted, 'a/0.5.o').node.id).toBe('a/0.5');
  });

  it('unknown ones are explained', () => {
    expect(messageOf(() => matchOutput(whole, 'train/fnn/1/2'))).toMatchInlineSnapshot(`
      "
      "train/fnn/1/2" does not say which output
        fix: write train/fnn/1/2.weights or train/fnn/1/2.metrics
      "
    `);
    expect(messageOf(() => matchOutput(whole, 'train/fnn/1/2.weight'))).toMatchInlineSnapshot(`
      "
      stage "train" has no output "weight"
        fix: did you mean "weights"?
      "
    `);
    expect(messageOf(() => matchOutput(whole, 'train/fnn.weights'))).toMatchInlineSnapshot(`
      "
      "train/fnn" is 6 nodes
        fix: name one of them, for example train/fnn/1/1
      "
    `);
  });
});

it('names for completion: targets, then stages, each once', () => {
  expect(targetNames(load(EXPERIMENT))).toEqual([
    'fig5',
    'panels',
    'figures',
    'table',
    'download',
    'init',
    'train',
    'sample',
    'compare',
  ]);
});
