import { beforeAll, describe, expect, it } from 'vitest';
import type { ExperimentTable } from '../../../src/engine/views/experiments/experiment.ts';
import { type Project, projectOf } from '../support/project.ts';

/** Chains over three epochs whose metrics are known: the loss of seed s at step t is rate / t + s. Seed 9 fails. */
function chains(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: chains
params: {model: {rate: 1}, seeds: [1, 2], unused: [1, 2]}
stages:
  start:
    command: "echo 0 > {outputs.state}"
    outputs: {state: json}
  train:
    run: stages/train.ts
    each: {seed: "\${seeds}"}
    scan: {epoch: {from: 1, to: 3}, carry: {state: start.state}}
    params: {rate: "\${model.rate}"}
    outputs: {state: json}
targets: {all: {nodes: [train]}}
`,
    'stages/train.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ rate: v.number() }),
  inputs: { state: one(json<number>()) },
  outputs: { state: json<number>() },
  run({ params, coordinates, inputs, metric }) {
    if (coordinates.seed === 9) throw new Error('nine is refused');
    for (const half of [1, 2]) {
      const step = 2 * (Number(coordinates.epoch) - 1) + half;
      metric('loss', params.rate / step + Number(coordinates.seed), step);
    }
    if (coordinates.epoch === 1) metric('first', 7);
    return { state: inputs.state + 1 };
  },
});
`,
  });
}

const tableOf = (project: Project, ...args: readonly string[]) =>
  project.json<ExperimentTable>(['experiments', ...args]);
const column = (table: ExperimentTable, metric: string) =>
  table.experiments.map(({ name, metrics }) => [name, metrics[metric]?.value ?? null]);

describe('experiments', () => {
  let project: Project;
  beforeAll(async () => {
    project = chains();
    expect((await project.execute(['experiments'])).stdout).toBe('no run yet\n');
    await project.run(['--set', 'model.rate=6', '--name', 'six', '--tag', 'odd', '--tag', 'paper']);
    await project.run(['--set', 'model.rate=12', '--name', 'twelve', '--note', 'twice, or "double"']);
    await project.run(['--set', 'model.rate=12']);
    await project.run(['--set', 'seeds=[1,9]', '--keep-going']);
    await project.run(['--set', 'seeds=[1,9]', '--keep-going']);
  });

  it('has the last run of each that was asked for, and those that somebody named', async () => {
    const table = await tableOf(project);
    expect(table.params).toEqual(['model.rate', 'seeds']);
    expect(table.metrics).toEqual(['loss', 'first']);
    expect(table.experiments).toMatchObject([
      {
        name: null,
        state: 'failed',
        reason: expect.stringMatching(/^train\/9\/1: .*nine is refused/),
        params: { 'model.rate': 1, seeds: [1, 9] },
      },
      { name: null, state: 'done', reason: null, params: { 'model.rate': 12, seeds: [1, 2] } },
      { name: 'twelve', note: 'twice, or "double"', executed: 6 },
      { name: 'six', tags: ['odd', 'paper'], params: { 'model.rate': 6 } },
    ]);
    expect(table.others).toBe(1);
    expect((await tableOf(project, '--all')).experiments).toHaveLength(5);
  });

  it('says that no run has a metric, and has its column all the same', async () => {
    const told = await project.execute([
      'experiments',
      '--metric',
      'los=min',
      '--metric',
      'loss',
      '--columns',
      'name,loss',
    ]);
    expect(told.code).toBe(0);
    expect(told.stderr).toBe('no run in this table has a value of the metric "los=min"\n  fix: did you mean "loss"?\n');
    expect(told.stdout).toMatch(/^name +loss\n/);
    const late = await project.execute(['experiments', '--metric', 'loss=9999']);
    expect(late.stderr).toBe('no run in this table has a value of the metric "loss=9999"\n');
    const step = await project.execute(['experiments', '--metric', 'loss=99', '--node', 'start', '--json']);
    expect(step.stderr).toBe(
      'no run in this table has a value of the metric "loss=99"\n  fix: use one of "state.value"\n',
    );
    expect(JSON.parse(step.stdout)).toMatchObject({ metrics: ['loss=99'] });
  });

  it('knows every metric that runs have, however many there are, and the params that a column means', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'late', 'last'];
    const event = (name: string) => `{"event": "metric", "name": "${name}", "value": 1, "step": 1}`;
    const many = projectOf({
      'pipeline.yaml': `version: 1
name: many
params: {rate: 1, model: {rate: 2}}
stages:
  report:
    command: |
      echo 0 > {outputs.done}
${names.map((name) => `      echo '${event(name)}' >> "$VMFDAG_EVENTS"`).join('\n')}
    outputs: {done: json}
`,
    });
    await many.run([]);
    expect((await many.execute(['experiments', '--metric', 'late=9'])).stderr).toBe(
      'no run in this table has a value of the metric "late=9"\n',
    );
    expect((await many.execute(['experiments', '--metric', 'lste'])).stderr).toContain('fix: did you mean "late"?');
    expect((await tableOf(many, '--columns', 'rate')).params).toEqual(['rate']);
  });

  it('has the numbers of JSON outputs by OUTPUT.PATH, and those that targets publish where no node reports a metric', async () => {
    const states = await tableOf(project, '--metric', 'state.value', '--node', 'train', '--columns', 'name');
    expect(column(states, 'state.value').slice(1)).toEqual([
      [null, 3],
      ['twelve', 3],
      ['six', 3],
    ]);
    const scores = projectOf({
      'pipeline.yaml': `version: 1
name: scores
params: {rate: 1}
stages:
  score:
    each: {seed: [1, 3]}
    command: 'echo "{\\"test\\": {\\"loss\\": \${rate}\${seed}}}" > {outputs.eval}'
    outputs: {eval: json}
targets: {all: {nodes: [score], files: {score.json: score/1.eval}}}
`,
    });
    await scores.run();
    await scores.run(['--set', 'rate=2']);
    const { stdout } = await scores.execute(['experiments', '--columns', 'rate,eval.test.loss']);
    expect(stdout).toBe('rate  eval.test.loss\n   2          22 (2)\n   1          12 (2)\n');
    expect((await scores.execute(['experiments', '--metric', 'loss'])).stderr).toContain('use one of "eval.test.loss"');
  });

  it('are runs whose command can be typed again', async () => {
    const { stdout } = await project.execute(['history', 'show', 'twelve']);
    expect(stdout).toMatch(/^command +vmfdag run .*--set model\.rate=12 --name twelve --note 'twice, or "double"'$/m);
  });

  it('has the columns that were asked for, also where all runs have the same', async () => {
    const { stdout } = await project.execute([
      'experiments',
      '--columns',
      'name,unused,params.model.rate',
      '--filter',
      'name=six',
    ]);
    expect(stdout).toMatch(/^name +unused +rate\nsix +\[1,2\] +6\n/);
    const table = await tableOf(project, '--columns', 'unused');
    expect(table.params).toEqual(['model.rate', 'seeds', 'unused']);
  });

  it('takes a chain as one, and the mean of several', async () => {
    const metrics = ['loss', 'loss=min', 'loss=max', 'loss=3', 'loss=99', 'first=last'];
    const table = await tableOf(project, ...metrics.flatMap((metric) => ['--metric', metric]), '--filter', 'name=six');
    const [experiment] = table.experiments;
    expect(experiment?.metrics).toEqual({
      loss: { value: 2.5, nodes: 2 },
      'loss=min': { value: 2.5, nodes: 2 },
      'loss=max': { value: 7.5, nodes: 2 },
      'loss=3': { value: 3.5, nodes: 2 },
      'loss=99': null,
      'first=last': { value: 7, nodes: 2 },
    });
    const one = await tableOf(project, '--metric', 'loss', '--node', 'train/2', '--filter', 'name=six');
    expect(one.experiments[0]?.metrics).toEqual({ loss: { value: 3, nodes: 1 } });
  });

  it.each<[readonly string[], readonly unknown[]]>([
    [
      ['--sort', 'loss', '--metric', 'loss'],
      [null, 'six', null, 'twelve'],
    ],
    [
      ['--sort', 'loss=max:desc', '--metric', 'loss=max'],
      [null, 'twelve', 'six', null],
    ],
    [
      ['--sort', 'name'],
      ['six', 'twelve', null, null],
    ],
    [
      ['--sort', 'name:desc'],
      ['twelve', 'six', null, null],
    ],
    [['--filter', 'rate>=12', '--filter', 'name!='], ['twelve']],
    [['--filter', 'loss=min<3', '--metric', 'loss=min', '--filter', 'tags=paper'], ['six']],
    [['--filter', 'seeds=[1,9]'], [null]],
    [['--filter', 'note~double'], ['twelve']],
    [['--limit', '1'], [null]],
  ])('%j', async (args, names) => {
    // Of equal ones, the newest comes first.
    const found = (await tableOf(project, ...args)).experiments;
    expect(found.map(({ name }) => name)).toEqual(names);
  });

  it('prints a table and CSV', async () => {
    const columns = ['--columns', 'name,model.rate,loss,tags,note', '--metric', 'loss'];
    const { stdout } = await project.execute(['experiments', ...columns, '--filter', 'name~']);
    expect(stdout.split('\n').slice(0, 1)[0]?.split(/ {2,}/)).toEqual(['name', 'rate', 'loss', 'tags', 'note']);
    const csv = await project.execute(['experiments', ...columns, '--sort', 'name', '--limit', '2', '--csv']);
    expect(csv.stdout).toBe(
      'name,model.rate,loss,tags,note\nsix,6,2.5,"odd, paper",\ntwelve,12,3.5,,"twice, or ""double"""\n',
    );
  });

  it.each([
    ['--columns', 'nmae'],
    ['--sort', 'nothing'],
    ['--filter', 'name'],
    ['--filter', 'nothing=1'],
    ['--metric', 'loss=best'],
  ])('refuses %s %s', async (...args) => {
    const { code, stdout, stderr } = await project.execute(['experiments', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(args[1]?.split('=')[0]);
  });
});

describe('what is said about a run', () => {
  it('may change at any time, and makes nothing stale', async () => {
    const project = chains();
    await project.run(['--name', 'first']);
    await project.run(['--set', 'model.rate=3']);
    await project.execute(['experiments', 'name', 'last', 'second']);
    await project.execute(['experiments', 'tag', 'second', 'a', 'b']);
    await project.execute(['experiments', 'tag', 'second', 'a', '--remove']);
    await project.execute(['experiments', 'note', 'last~1', 'an old one']);
    const { experiments } = await tableOf(project);
    expect(experiments).toMatchObject([
      { name: 'second', note: null, tags: ['b'] },
      { name: 'first', note: 'an old one', tags: [] },
    ]);
    expect((await project.run(['--name', 'third'])).summary).toMatchObject({ executed: 0, upToDate: 7 });
    const { stdout } = await project.execute(['diff', 'first', 'second']);
    expect(stdout).toContain('model.rate');
    await project.execute(['experiments', 'name', 'second']);
    expect(column(await tableOf(project, '--all'), 'loss').map(([name]) => name)).toEqual(['third', null, 'first']);
  });

  it.each(['', 'a,b', 'last~2'])('no run is named %j', async (name) => {
    const project = chains();
    expect(await project.execute(['run', '--name', name])).toMatchObject({ code: 2 });
    expect(await project.json<readonly object[]>(['history'])).toEqual([]);
  });
});
