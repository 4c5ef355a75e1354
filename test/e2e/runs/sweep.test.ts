import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExperimentTable } from '../../../src/engine/views/experiments/experiment.ts';
import { outputSchemas, problemsOf } from '../support/output-schemas.ts';
import { type Project, projectOf } from '../support/project.ts';

/** `data` is the same under all settings, `train/1..3` a chain whose rate must not be 0, and `total` depends on the offset too. */
function sweepProject(milliseconds = 0): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: sweeps
params: {model: {rate: 1, width: 8}, offset: 0, milliseconds: ${milliseconds}}
stages:
  data:
    command: "echo 5 > {outputs.state}"
    outputs: {state: json}
  train:
    run: stages/train.ts
    scan: {epoch: {from: 1, to: 3}, carry: {state: data.state}}
    params: {rate: "\${model.rate}", milliseconds: "\${milliseconds}"}
    outputs: {state: json}
  total:
    command: "echo \${offset} \${model.width} > {outputs.sum}; cat {inputs.state} >> {outputs.sum}"
    inputs: {state: "train.state[epoch=3]"}
    outputs: {sum: bytes}
targets: {all: {files: {sum.txt: total.sum}}}
`,
    'stages/train.ts': `import * as v from 'valibot';
import { setTimeout } from 'node:timers/promises';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ rate: v.number(), milliseconds: v.number() }),
  inputs: { state: one(json<number>()) },
  outputs: { state: json<number>() },
  async run({ params, coordinates, inputs, metric }) {
    await setTimeout(params.milliseconds);
    if (params.rate === 0 && coordinates.epoch === 2) throw new Error('the rate is zero');
    metric('loss', 1 / (params.rate * Number(coordinates.epoch)), Number(coordinates.epoch));
    return { state: inputs.state + params.rate };
  },
});
`,
  });
}

const GRID = ['sweep', '--set', 'model.rate=[0, 1, 2, 4, 5, 8]', '--set', 'offset=[1, 2]', '--target', 'all'];

const table = (project: Project) => project.json<ExperimentTable>(['experiments', '--sort', 'run']);

describe('a grid', () => {
  it('of 12 settings with two that fail has 12 rows, with states, reasons and results', async () => {
    const project = sweepProject();
    const plan = await project.json<object>([...GRID, '--dry-run']);
    expect(problemsOf('sweep-plan', plan)).toEqual([]);
    // data, 6 chains of 3, and 12 sums.
    expect(plan).toMatchObject({ nodes: 1 + 18 + 12 });
    const { code, stdout } = await project.execute([...GRID, '--json', '--tag', 'grid']);
    expect(code).toBe(1);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; node?: string });
    for (const event of events) expect(problemsOf('run-event', event)).toEqual([]);
    const started = events.filter(({ type }) => type === 'started').map(({ node }) => node);
    expect(new Set(started).size).toBe(started.length);
    expect(started.filter((node) => node === 'data')).toHaveLength(1);
    expect(started).toHaveLength(1 + 17 + 10);
    expect(started).toContain('train/3/rate=4,offset=1');
    const { experiments, params } = await table(project);
    expect(params).toEqual(['model.rate', 'offset']);
    expect(experiments).toHaveLength(12);
    for (const { sweep, state, reason, params: own, metrics, tags } of experiments) {
      const rate = own['model.rate'] as number;
      expect(sweep?.setting).toBe(`rate=${rate},offset=${own.offset}`);
      expect(tags).toEqual(['grid']);
      expect({ state, reason }).toEqual(
        rate === 0
          ? { state: 'failed', reason: expect.stringMatching(/^train\/2: .*the rate is zero/) }
          : { state: 'done', reason: null },
      );
      if (rate > 0) expect(metrics.loss).toEqual({ value: 1 / (rate * 3), nodes: 1 });
      const file = `results/sweep/${sweep?.setting}/sum.txt`;
      expect(existsSync(project.path(file))).toBe(rate > 0);
      if (rate > 0) expect(project.read(file)).toBe(`${own.offset} 8\n${5 + 3 * rate}\n`);
    }
    // What ran is counted once.
    expect(experiments.reduce((sum, { executed }) => sum + executed, 0)).toBe(1 + 16 + 10);
    // Each setting is a run as if it had been run alone: there is nothing to do for it, and it can be looked at.
    const alone = await project.run(['--set', 'model.rate=4', '--set', 'offset=2', '--target', 'all']);
    expect(alone.summary).toMatchObject({ executed: 0, upToDate: 5 });
    const [, , , , , first] = experiments;
    const shown = await project.json<{ manifest: { nodes: { node: string }[] } }>([
      'history',
      'show',
      first?.run ?? '',
    ]);
    expect(problemsOf('history-show', shown)).toEqual([]);
    expect(shown.manifest.nodes.map(({ node }) => node)).toEqual(['data', 'train/1', 'train/2', 'train/3', 'total']);
    expect(problemsOf('history', await project.json(['history', '--limit', '100']))).toEqual([]);
    const file = await project.json<object>(['explain', project.path('results/sweep/rate=8,offset=2/sum.txt')]);
    expect(JSON.stringify(file)).toContain('"total"');
    // Its text has a row for each.
    const again = await project.execute(GRID);
    expect(again.stdout.split('\n').filter((line) => /^rate=\d,offset=\d /.test(line))).toHaveLength(12);
  });

  it('that is killed half-way is finished by the same command', async () => {
    const project = sweepProject(150);
    const args = ['sweep', '--set', 'model.rate=[1, 2, 4, 8]', '--json', '--jobs', '2'];
    const running = project.start(args, { detached: true });
    // A few seconds, so that the records of its settings are written.
    await running.until((each) => each.events().filter(({ type }) => type === 'finished').length >= 8);
    running.signalGroup('SIGKILL');
    await running.ended;
    const killed = await table(project);
    expect(killed.experiments).toHaveLength(4);
    for (const { state } of killed.experiments) expect(state).toBe('killed');
    const { code, stdout } = await project.execute(args);
    expect(code).toBe(0);
    const started = stdout.split('\n').filter((line) => line.includes('"started"'));
    expect(started.length).toBeLessThanOrEqual(17 - 8);
    const finished = (await table(project)).experiments;
    expect(finished.map(({ state, params }) => [state, params['model.rate']])).toEqual(
      [1, 2, 4, 8].map((rate) => ['done', rate]),
    );
    for (const rate of [1, 2, 4, 8]) {
      expect(project.read(`results/sweep/rate=${rate}/sum.txt`)).toBe(`0 8\n${5 + 3 * rate}\n`);
    }
  });
});

describe('a list of settings', () => {
  it.each([
    ['settings.yaml', '- {name: small, model.width: 2}\n- {name: large, model.width: 64, offset: 3}\n'],
    ['settings.json', '[{"name": "small", "model.width": 2}, {"name": "large", "model.width": 64, "offset": 3}]'],
    ['settings.csv', 'name,model.width,offset\r\nsmall,2,\r\nlarge,64,"3"\r\n'],
  ])('from %s, each combined with the grid', async (file, text) => {
    const project = sweepProject();
    project.write(file, text);
    const { code, stderr } = await project.execute([
      'sweep',
      '--settings',
      project.path(file),
      '--set',
      'model.rate=[1, 2]',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { experiments } = await table(project);
    expect(experiments.map(({ sweep, params }) => [sweep?.setting, params['model.width'], params.offset])).toEqual([
      ['small,rate=1', 2, 0],
      ['small,rate=2', 2, 0],
      ['large,rate=1', 64, 3],
      ['large,rate=2', 64, 3],
    ]);
    expect(project.read('results/sweep/large,rate=2/sum.txt')).toBe('3 64\n11\n');
  });

  it.each([
    [[], "nothing says what to try\n  fix: add --set 'PATH=[A, B]' or --settings FILE\n"],
    [['--dry-run', '--target', 'all'], 'nothing says what to try'],
    [['--set', 'model.rate=[]'], 'the list is empty'],
    [['--set', 'model.rte=[1, 2]'], 'there is no param "model.rte"'],
    [['--set', 'model.rate=[1, 1]'], 'are the same'],
    [['--settings', 'pipeline.yaml'], 'holds no list'],
  ])('%j is refused', async (args, why) => {
    const project = sweepProject();
    const { code, stdout, stderr } = await project.execute(['sweep', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
  });
});

it('its schema is one of the published ones', () => {
  expect(outputSchemas.has('sweep-plan')).toBe(true);
});
