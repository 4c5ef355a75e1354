import { describe, expect, it } from 'vitest';
import { load, messageOf } from '../pipelines.ts';

const stage = (lines: string) => `
stages:
  init: {run: init.ts, outputs: {weights: bytes}}
  train:
    run: train.ts
${lines}
`;

const retain = (lines: string) => load(stage(lines)).stages.get('train')?.retain;
const SCAN = '    scan: {epoch: {to: 9, checkpoints: [0, 3]}, carry: {weights: init.weights}}\n';
const OUTPUTS = '    outputs: {weights: bytes, metrics: json}\n';

describe('retain', () => {
  it('is one word for all outputs, or one for each', () => {
    expect(retain(OUTPUTS)).toEqual({});
    expect(retain(`${OUTPUTS}    retain: all`)).toEqual({});
    expect(retain(`${OUTPUTS}    retain: none`)).toEqual({ weights: 'none', metrics: 'none' });
    expect(retain(`${SCAN}${OUTPUTS}    retain: checkpoints`)).toEqual({
      weights: 'checkpoints',
      metrics: 'checkpoints',
    });
    expect(retain(`${SCAN}${OUTPUTS}    retain: {weights: checkpoints, metrics: all}`)).toEqual({
      weights: 'checkpoints',
    });
  });

  it('reports values that it cannot have', () => {
    expect(messageOf(() => retain(`${OUTPUTS}    retain: checkpoint`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:13 "checkpoint" is no way to retain an output
           8 |     retain: checkpoint
             |             ~~~~~~~~~~
        fix: did you mean "checkpoints"?
      "
    `);
    expect(messageOf(() => retain(`${OUTPUTS}    retain: checkpoints`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:13 a stage without "scan" has no checkpoints
           8 |     retain: checkpoints
             |             ~~~~~~~~~~~
        fix: use all or none
      "
    `);
    expect(messageOf(() => retain(`${OUTPUTS}    retain: {weights: some, weihgts: none}`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:23 "weights" is the text "some", which is not allowed here
           8 |     retain: {weights: some, weihgts: none}
             |                       ~~~~
        fix: use one of "all", "checkpoints", "none"
      "
    `);
    expect(messageOf(() => retain(`${OUTPUTS}    retain: {weihgts: none}`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:14 the stage has no output "weihgts"
           8 |     retain: {weihgts: none}
             |              ~~~~~~~
        fix: did you mean "weights"?
      "
    `);
    expect(messageOf(() => retain(`${OUTPUTS}    retain: 3`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:13 "retain" is the number 3, expected text or a mapping
           8 |     retain: 3
             |             ~
        fix: write for example checkpoints or none
      "
    `);
    const bare = '    scan: {epoch: {to: 9}, carry: {weights: init.weights}}\n';
    expect(messageOf(() => retain(`${bare}${OUTPUTS}    retain: checkpoints`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:13 "epoch" declares no checkpoints
           9 |     retain: checkpoints
             |             ~~~~~~~~~~~
        fix: say which: scan: {epoch: {to: …, checkpoints: [0, 1, 10]}, carry: …}
      "
    `);
  });
});
