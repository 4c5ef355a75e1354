import { describe, expect, it } from 'vitest';
import { load, messageOf } from '../pipelines.ts';

const CHAIN = 'scan: {step: {to: 9}, carry: {o: start.o}}';

function stages(stop: string, chain = CHAIN): string {
  return `
params: {limit: 10, marks: [1, 3], objective: val-loss}
stages:
  start: {run: s.ts, each: {rate: [1, 2], data: [a, b]}, outputs: {o: json}}
  train: {run: s.ts, each: {rate: [1, 2], data: [a, b]}, ${chain}${chain === '' ? '' : ','} outputs: {o: json}, stop: ${stop}}
`;
}

const read = (stop: string) => load(stages(stop)).stages.get('train')?.stop;

describe('stop', () => {
  it('one rule, or several, which may refer to params', () => {
    expect(load(stages('{metric: loss, above: 1}')).stages.get('start')?.stop).toEqual([]);
    expect(
      read(
        `[{metric: loss, above: "\${limit}"}, {metric: "\${objective}", best: min, rungs: "\${marks}", factor: 3, within: [data]}]`,
      ),
    ).toEqual([
      { kind: 'bound', metric: 'loss', side: 'above', bound: 10, from: Number.NEGATIVE_INFINITY },
      { kind: 'halving', metric: 'val-loss', best: 'min', rungs: [1, 3], factor: 3, within: ['data'] },
    ]);
    expect(read('{metric: accuracy, below: 0.1, from: 3}')).toEqual([
      { kind: 'bound', metric: 'accuracy', side: 'below', bound: 0.1, from: 3 },
    ]);
    expect(read('{metric: loss, best: max, patience: 2}')).toEqual([
      { kind: 'patience', metric: 'loss', best: 'max', steps: 2 },
    ]);
  });

  it.each([
    ['{metric: loss}', 'the rule does not say when a chain ends', 'add one of above, below, patience, rungs'],
    ['{above: 1}', 'lacks the key "metric"', ''],
    ['[]', '"stop"', ''],
    ['{metric: loss, above: 1, below: 0}', 'a rule with "above" has no "below"', 'write two rules'],
    ['{metric: loss, above: 1, best: min}', 'a rule with "above" has no "best"', 'remove it'],
    ['{metric: loss, patience: 2}', 'a rule with "patience" needs "best"', 'add best: min, or best: max'],
    ['{metric: loss, best: min, patience: 0}', '"patience" is the number 0', 'use 1 or more'],
    ['{metric: loss, best: least, patience: 2}', 'which is not allowed here', ''],
    ['{metric: loss, best: min, rungs: [1, 3]}', 'a rule with "rungs" needs "factor"', 'add for example factor: 3'],
    ['{metric: loss, best: min, rungs: [3, 1], factor: 3}', 'the rungs are not in ascending order', '[1, 3, 9]'],
    ['{metric: loss, best: min, rungs: [1, 1], factor: 3}', 'the rungs are not in ascending order', '[1, 3, 9]'],
    ['{metric: loss, best: min, rungs: [], factor: 3}', 'this is', '[1, 3, 9]'],
    [`{metric: loss, best: min, rungs: "\${limit}", factor: 3}`, 'this is the number 10', '[1, 3, 9]'],
    ['{metric: loss, best: min, rungs: [1], factor: 1}', 'this is the number 1', 'use a number above 1'],
    [
      '{metric: loss, best: min, rungs: [1], factor: 2, within: [date]}',
      '"date" is no coordinate of "each"',
      'did you mean',
    ],
    ['{metric: loss, best: min, rungs: [1], factor: 2, within: [step]}', '"step" is no coordinate of "each"', ''],
    [`{metric: loss, above: "\${rate}"}`, 'the coordinate "rate" has no value here', ''],
    [`{metric: loss, above: "\${objective}"}`, 'this is the text "val-loss"', 'use a number'],
    [
      '[{metric: a, best: min, rungs: [1], factor: 2}, {metric: b, best: min, rungs: [2], factor: 2}]',
      '"stop" has rungs twice',
      'keep one of the two',
    ],
  ])('%s is refused at its place', (stop, fact, fix) => {
    const message = messageOf(() => load(stages(stop)));
    expect(message).toContain('pipeline.yaml:');
    expect(message).toContain(fact);
    expect(message).toContain(fix);
  });

  it('is for chains', () => {
    const message = messageOf(() => load(stages('{metric: loss, above: 1}', '')));
    expect(message).toContain('"stop" ends chains, and a stage without "scan" has none');
  });
});
