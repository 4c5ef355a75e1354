import { readFileSync } from 'node:fs';
import { fromArrow } from 'arquero';
import { beforeAll, describe, expect, it } from 'vitest';
import { metricsProject } from '../support/metrics.ts';
import { type Project, projectOf } from '../support/project.ts';

let project: Project;
/** Ids of the runs, the later one last. */
let runs: readonly string[];

beforeAll(async () => {
  project = metricsProject();
  await project.run(['--set', 'offset=1']);
  await project.run();
  runs = (await project.json<readonly { readonly id: string }[]>(['history'])).map(({ id }) => id).reverse();
});

const lossesOf = (rows: readonly { node: string; metric: string; last: unknown }[]) =>
  rows.filter(({ metric }) => metric === 'loss').map(({ node, last }) => [node, last]);

describe('metrics show', () => {
  it('has the last result of each node', async () => {
    const { stdout } = await project.execute(['metrics', 'show']);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['node', 'metric', 'values', 'step', 'last', 'min', 'max'],
      ['train/1', 'loss', '5', '40', '0.2', '0.2', '1'],
      ['train/1', 'acc, "%"', '1', '0', '50', '50', '50'],
      ['train/1', 'final', '1', '0', 'Infinity', 'Infinity', 'Infinity'],
      ['train/two', 'loss', '5', '40', 'NaN', '0.25', '1'],
      ['train/two', 'acc, "%"', '1', '0', '50', '50', '50'],
      ['train/two', 'final', '1', '0', 'Infinity', 'Infinity', 'Infinity'],
      [''],
    ]);
  });

  it.each<[readonly string[], readonly (readonly [string, unknown])[]]>([
    [['train/1'], [['train/1', 0.2]]],
    [['train/t*'], [['train/two', 'NaN']]],
    [
      ['all'],
      [
        ['train/1', 0.2],
        ['train/two', 'NaN'],
      ],
    ],
    [['plain'], []],
    [
      ['--run', 'last~1'],
      [
        ['train/1', 1.2],
        ['train/two', 'NaN'],
      ],
    ],
    [['train/1', '--run', 'last~1'], [['train/1', 1.2]]],
  ])('of %j', async (args, losses) => {
    expect(lossesOf(await project.json(['metrics', 'show', ...args]))).toEqual(losses);
  });

  it('prints CSV', async () => {
    const { stdout } = await project.execute(['metrics', 'show', 'train/two', '--csv']);
    expect(stdout).toBe(
      `run,node,stage,metric,count,step,last,min,max\n${[
        'loss,5,40,NaN,0.25,1',
        '"acc, ""%""",1,0,50,50,50',
        'final,1,0,Infinity,Infinity,Infinity',
      ]
        .map((rest) => `${runs[1]},train/two,train,${rest}\n`)
        .join('')}`,
    );
  });

  it('knows what is wrong', async () => {
    expect(await project.execute(['metrics', 'show', 'trian'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean "train"'),
    });
    expect(await project.execute(['metrics', 'show', '--run', 'last~7'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('metrics diff', () => {
  it('has the metrics that differ', async () => {
    const { stdout } = await project.execute(['metrics', 'diff', 'last~1', 'last']);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['node', 'metric', 'old', 'new', 'change'],
      ['train/1', 'loss', '1.2', '0.2', '-83.3 %'],
      ['train/two', 'loss', 'NaN', 'NaN', 'same at the end'],
      [''],
    ]);
    const same = await project.execute(['metrics', 'diff', 'last', 'last']);
    expect(same.stdout).toBe('the metrics of nodes of both runs are the same\n');
  });
});

describe('metrics export', () => {
  it('writes a row for each value, as CSV and as Arrow', async () => {
    const [csv, arrow] = [project.path('m.csv'), project.path('m.arrow')];
    const { code, stdout } = await project.execute(['metrics', 'export', '--csv', csv, '--arrow', arrow]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${csv}  14 values of 2 nodes\n${arrow}  14 values of 2 nodes\n`,
    });
    const [head, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(head).toBe('run,node,stage,coordinates.seed,metric,step,time,value');
    expect(lines).toHaveLength(14);
    const time = '\\d{13}';
    expect(lines[1]).toMatch(new RegExp(`^${runs[1]},train/1,train,1,loss,10,${time},0.5$`));
    expect(lines[5]).toMatch(new RegExp(`^${runs[1]},train/1,train,1,"acc, ""%""",0,${time},50$`));
    expect(lines[11]).toMatch(new RegExp(`^${runs[1]},train/two,train,two,loss,40,${time},NaN$`));
    const table = fromArrow(readFileSync(arrow));
    expect(table.columnNames()).toEqual(head?.split(','));
    expect(table.numRows()).toBe(14);
    const rows = table.objects() as readonly Record<string, unknown>[];
    expect(rows[1]).toEqual({
      run: runs[1],
      node: 'train/1',
      stage: 'train',
      // Numbers and texts: all of them are texts.
      'coordinates.seed': '1',
      metric: 'loss',
      step: 10,
      time: expect.any(Number),
      value: 0.5,
    });
    expect(rows[11]?.value).toBeNaN();
    expect(rows[6]?.value).toBe(Number.POSITIVE_INFINITY);
  });

  it('writes to standard output, and nothing else then', async () => {
    const { stdout } = await project.execute(['metrics', 'export', 'train/1', '--csv', '-']);
    expect(stdout.split('\n')).toHaveLength(9);
    expect(stdout).toMatch(/^run,node,stage,coordinates.seed,/);
  });

  it.each([[[]], [['--csv', '-', '--json']], [['--csv', '-', '--arrow', '-']]])('refuses %j', async (args) => {
    expect(await project.execute(['metrics', 'export', ...args])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('what a node reports before it computes for long', () => {
  it('is told while it does', async () => {
    const project = projectOf({
      'pipeline.yaml': 'version: 1\nname: wait\nstages:\n  wait: {run: stages/wait.ts, outputs: {done: json}}\n',
      'stages/wait.ts': `import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { done: json<boolean>() },
  async run({ metric, progress }) {
    await sleep(300);
    for (let step = 0; step < 5; step++) metric('loss', 5 - step, step);
    progress(0.25);
    progress(0.5);
    await sleep(1500);
    return { done: true };
  },
});
`,
    });
    const { code, stdout } = await project.execute(['run', '--json']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const told = events.filter(({ type }) => type === 'metrics').map(({ values }) => values[0].step);
    expect({ code, told }).toEqual({ code: 0, told: [0, 4] });
    const fractions = events.filter(({ type }) => type === 'progress').map(({ fraction }) => fraction);
    expect(fractions.at(-1)).toBe(0.5);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });
});
