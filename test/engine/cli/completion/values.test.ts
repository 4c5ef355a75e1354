import { describe, expect, it } from 'vitest';
import { nodeNames, outputNames } from '../../../../src/engine/cli/completion/node-names.ts';
import { paramAssignments } from '../../../../src/engine/cli/completion/param-assignments.ts';
import { shellLines, wordsOf } from '../../../../src/engine/cli/completion/shell-lines.ts';
import { planOf, planStage } from '../../run/plans.ts';

const train = planStage('train', { outputs: { weights: 'safetensors', loss: 'json' } });
const plan = planOf([
  ...['fnn', 'cnn'].flatMap((architecture) =>
    [1, 2, 10].map((seed) => ({ stage: train, coordinates: { architecture, seed } })),
  ),
  { stage: planStage('rate'), coordinates: { rate: '0.5' } },
  { stage: planStage('plot') },
]);
const values = (candidates: readonly { readonly value: string }[]) => candidates.map(({ value }) => value);

describe('nodeNames', () => {
  it.each([
    ['', ['train/', 'rate/', 'plot']],
    ['tr', ['train/']],
    ['train', ['train/']],
    ['train/', ['train/fnn/', 'train/cnn/']],
    ['train/f', ['train/fnn/']],
    ['train/fnn/', ['train/fnn/1', 'train/fnn/2', 'train/fnn/10']],
    ['train/fnn/1', ['train/fnn/1', 'train/fnn/10']],
    ['train/none/', []],
    ['plot', ['plot']],
  ])('completes "%s" one coordinate further', (word, expected) => {
    expect(values(nodeNames(plan, word))).toEqual(expected);
  });

  it('says how many nodes there are', () => {
    expect(nodeNames(plan, 'tr')).toEqual([{ value: 'train/', description: '6 nodes' }]);
  });
});

describe('outputNames', () => {
  it.each([
    ['pl', ['plot.out']],
    ['train/f', ['train/fnn/']],
    ['train/fnn/2', ['train/fnn/2.weights', 'train/fnn/2.loss']],
    ['train/fnn/2.', ['train/fnn/2.weights', 'train/fnn/2.loss']],
    ['train/fnn/2.w', ['train/fnn/2.weights', 'train/fnn/2.loss']],
    ['rate/0', ['rate/0.5.out']],
    ['rate/0.5.', ['rate/0.5.out']],
  ])('"%s"', (word, expected) => {
    expect(values(outputNames(plan, word))).toEqual(expected);
  });
});

describe('paramAssignments', () => {
  const params = { seeds: [1, 2], train: { rate: 0.1, schedule: { kind: 'x' } }, text: 'a'.repeat(60) };

  it('completes one name further, and shows the present value', () => {
    expect(paramAssignments(params, 'tr')).toEqual([
      { value: 'seeds=', description: 'now [1,2]' },
      { value: 'train.', description: 'params' },
      { value: 'text=', description: `now "${'a'.repeat(38)}…` },
    ]);
    expect(values(paramAssignments(params, 'train.'))).toEqual(['train.rate=', 'train.schedule.']);
    expect(values(paramAssignments(params, 'train.schedule.k'))).toEqual(['train.schedule.kind=']);
    expect(paramAssignments(params, 'train.rate.x')).toEqual([]);
    expect(paramAssignments(params, 'nothing.')).toEqual([]);
  });
});

describe('what a shell reads', () => {
  const list = (...names: string[]) => ({
    kind: 'list' as const,
    candidates: names.map((value) => ({ value, description: 'two\nlines\tand a tab' })),
  });

  it('has a space after what is complete in bash, and no more than bash replaces', () => {
    expect(shellLines(list('run', 'train/'), '', 'bash')).toEqual(['list', 'run ', 'train/']);
    expect(shellLines(list('--profile=smoke'), '--profile=s', 'bash')).toEqual(['list', 'smoke ']);
    expect(shellLines(list('train.rate='), 'train.', 'bash')).toEqual(['list', 'train.rate=']);
    expect(shellLines(list('a b$(c)'), '', 'bash')).toEqual(['list', 'a\\ b\\$\\(c\\) ']);
  });

  it('has descriptions of one line elsewhere', () => {
    for (const shell of ['zsh', 'fish', undefined] as const) {
      expect(shellLines(list('run'), '', shell)).toEqual(['list', 'run\ttwo lines and a tab']);
    }
    expect(shellLines({ kind: 'files' }, 'x', 'zsh')).toEqual(['files']);
  });

  it('has no quotes in what bash gives', () => {
    expect(wordsOf(['run', '"my file', "it\\'s", 'a\\ b'], 'bash')).toEqual(['run', 'my file', "it's", 'a b']);
    expect(wordsOf(['"x'], 'fish')).toEqual(['"x']);
  });
});
