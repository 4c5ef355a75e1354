import { describe, expect, it } from 'vitest';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { load, messageOf } from '../pipeline/pipelines.ts';

const PIPELINE = `
params: {epochs: 6, marks: {fnn: [0, 2, 4, 99], cnn: [1]}}
stages:
  init: {run: init.ts, each: {architecture: [fnn, cnn]}, outputs: {weights: bytes}}
  train:
    run: train.ts
    each: {architecture: [fnn, cnn]}
    scan:
      epoch: {to: "\${epochs}", checkpoints: "\${marks[architecture]}"}
      carry: {weights: init.weights}
    outputs: {weights: bytes, metrics: json}
    retain: {weights: checkpoints, metrics: none}
  table: {run: table.ts, inputs: {metrics: "train.metrics[*]"}, outputs: {table: json, draft: json}, retain: none}
targets:
  table: {files: {table.json: table.table}}
  curve: {files: {epoch3.json: train/fnn/3.metrics}}
`;

function transient(targets: readonly string[], pipeline = PIPELINE): readonly string[] {
  const plan = buildPlan(load(pipeline), { targets });
  return plan.nodes.flatMap(({ id, index }) => (plan.transient.get(index) ?? []).map((output) => `${id}.${output}`));
}

describe('temporary outputs', () => {
  it('are those that retain does not keep, except the end of a chain and what a target publishes', () => {
    const found = transient(['table']);
    expect(found.filter((output) => output.endsWith('.weights'))).toEqual([
      ...[1, 3, 5].map((epoch) => `train/fnn/${epoch}.weights`),
      ...[2, 3, 4, 5].map((epoch) => `train/cnn/${epoch}.weights`),
    ]);
    expect(found.filter((output) => output.startsWith('table'))).toEqual(['table.draft']);
    expect(found.filter((output) => output.startsWith('train/fnn') && output.endsWith('.metrics'))).toEqual(
      [1, 2, 4, 5, 6].map((epoch) => `train/fnn/${epoch}.metrics`),
    );
  });

  it('exclude the last planned step', () => {
    expect(transient(['train/fnn/3'])).toEqual(['train/fnn/1.weights', 'train/fnn/1.metrics', 'train/fnn/2.metrics']);
  });

  it('do not exist without retain', () => {
    const silent = PIPELINE.replace(/^ {4}retain.*\n/m, '').replace(', retain: none', '');
    expect(buildPlan(load(silent), { targets: ['table'] }).transient).toEqual(new Map());
  });

  it('need checkpoints that are whole numbers', () => {
    const wrong = (marks: string) => () =>
      transient(['table'], PIPELINE.replace('fnn: [0, 2, 4, 99]', `fnn: ${marks}`));
    expect(messageOf(wrong('[0, a]'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:45 the list holds the text "a"
          10 |       epoch: {to: "\${epochs}", checkpoints: "\${marks[architecture]}"}
             |                                             ~~~~~~~~~~~~~~~~~~~~~~~~
        fix: use a list of whole numbers
      "
    `);
    expect(messageOf(wrong('7'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:45 this is the number 7
          10 |       epoch: {to: "\${epochs}", checkpoints: "\${marks[architecture]}"}
             |                                             ~~~~~~~~~~~~~~~~~~~~~~~~
        fix: use a list of whole numbers
      "
    `);
  });
});
