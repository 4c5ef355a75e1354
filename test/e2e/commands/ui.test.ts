import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ExperimentTable,
  type LogPart,
  type MetricCurve,
  type MetricValues,
  type NodePage,
  type Overview,
  type Preview,
  type ResultList,
  type RunList,
  STATES,
  type StageMatrix,
  type Timeline,
  type WhyPage,
} from '../../../src/engine/views/live/protocol.ts';
import { deltaOf, LivePage, type ReceivedEvent } from '../support/live-page.ts';
import { problemsOf } from '../support/output-schemas.ts';
import { type Project, projectOf } from '../support/project.ts';

/** Nodes that wait for files of their own, print, report, and fail where a file says so. */
const PIPELINE = `version: 1
name: Waiting
params: {rates: [0.1, 0.2], sizes: [1, 2]}
stages:
  train:
    run: stages/train.ts
    each: {rate: "\${rates}", size: "\${sizes}"}
    outputs: {made: json, table: csv}
  gather: {run: stages/gather.ts, inputs: {made: "train.made[rate=*, size=*]"}, outputs: {all: json}}
targets: {all: {files: {all.json: gather.all}}}
`;

const TRAIN = `import { existsSync, readdirSync } from 'node:fs';
import * as v from 'valibot';
import { csv, defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { made: json<object>(), table: csv },
  async run({ coordinates: { rate, size }, log, metric, progress }) {
    const gates = process.env.GATES as string;
    for (let step = 0; !existsSync(gates + '/' + rate + '-' + size); step++) {
      log('step ' + step + ' é');
      metric('loss', 1 / (step + 1), step);
      progress(0.5);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (readdirSync(gates).includes('fail-' + rate + '-' + size)) throw new Error('it was told to');
    return { made: { rate, size }, table: 'a,b\\n1,x\\n2,y\\n' };
  },
});
`;

const GATHER = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { made: many(json<object>()) },
  outputs: { all: json<object>() },
  run: () => ({ all: {} }),
});
`;

const NODES = ['0.1-1', '0.1-2', '0.2-1', '0.2-2'];
const state = (name: (typeof STATES)[number]) => STATES.indexOf(name);

function waitingProject(): Project {
  return projectOf({
    'pipeline.yaml': PIPELINE.replace(
      'outputs: {made: json, table: csv}',
      'variables: [GATES]\n    undeclared: ignore\n    outputs: {made: json, table: csv}',
    ),
    'stages/train.ts': TRAIN,
    'stages/gather.ts': GATHER,
    'gates/.keep': '',
  });
}

const gates = (project: Project) => ({ env: { GATES: project.path('gates') } });

function openGates(project: Project): void {
  for (const name of NODES) project.write(`gates/${name}`, '');
}

describe('the live page of a run', () => {
  let project: Project;
  let page: LivePage;

  beforeAll(async () => {
    project = waitingProject();
    page = await LivePage.open(project, gates(project));
  });
  afterAll(async () => void (await page.close()));

  it('says where it is in a form for scripts', () => {
    expect(problemsOf('ui', JSON.parse(page.running.outputText()))).toEqual([]);
  });

  it('shows before the first run what would run', async () => {
    const overview = await page.read<Overview>('/api/overview');
    expect(overview).toMatchObject({
      project: 'Waiting',
      mayAct: true,
      targets: ['all'],
      head: { run: null, state: 'none' },
      stages: [
        { name: 'train', nodes: 4, coordinates: ['rate', 'size'] },
        { name: 'gather', nodes: 1 },
      ],
      edges: [{ from: 0, to: 1, outputs: ['made'] }],
    });
    expect(overview.stages[0]?.counts[state('stale')]).toBe(4);
    expect(overview.layout.boxes).toHaveLength(2);
    expect(overview.layout.curves[0]?.length).toBeGreaterThan(3);
    const why = await page.read<WhyPage>('/api/why?node=train/0.1/1');
    expect(why).toMatchObject({ state: 'stale', summary: 'will run: never run' });
    expect(why.rules.at(-1)?.decides).toBe(true);
  });

  it('follows a run from its first node to its end: states, progress, values, logs, failures', async () => {
    const run = project.start(['run', '--jobs', '2', '--keep-going'], gates(project));
    await page.until(({ head }) => head.state === 'running');
    const begun = await page.events('run=last&node=train/0.1/1', (event) => {
      const { metrics = [], logEnd = 0 } = deltaOf(event)?.node ?? {};
      return metrics.length > 0 && logEnd > 20;
    });
    const first = deltaOf(begun.at(-1) as ReceivedEvent);
    expect(first?.running.map(({ node }) => node).sort()).toEqual(['train/0.1/1', 'train/0.1/2']);
    expect(first?.running[0]).toMatchObject({
      attempt: 1,
      fraction: 0.5,
      reason: 'never run',
      metrics: [{ name: 'loss' }],
    });
    expect(first?.head).toMatchObject({ state: 'running', jobs: 2, newest: null });

    const node = await page.read<NodePage>('/api/node?node=train/0.1/1');
    expect(node).toMatchObject({
      state: 'running',
      coordinates: { rate: 0.1, size: 1 },
      log: { isLive: true },
      dependents: ['gather'],
      attempts: [{ outcome: 'running' }],
    });
    expect(node.attempts[0]?.worker).toBe(first?.lanes[node.running?.lane ?? -1]?.worker);
    expect(node.metrics[0]?.values.length).toBeGreaterThan(0);
    const log = await page.read<LogPart>('/api/log?node=train/0.1/1&offset=0');
    expect(log.text).toMatch(/^step 0 é\nstep 1 é\n/);
    expect(log.isLive).toBe(true);

    project.write('gates/fail-0.1-2', '');
    openGates(project);
    const rest = await page.events('run=last', (event) => deltaOf(event)?.head.state === 'failed', begun.at(-1)?.id);
    expect((await run.ended).code).toBe(1);
    expect(rest.every(({ event }) => event === 'delta')).toBe(true);
    const ended = await page.read<Overview>('/api/overview');
    expect(ended.head.counts[state('executed')]).toBe(3);
    expect(ended.head.notices).toMatchObject([
      { kind: 'failed', node: 'train/0.1/2', fact: 'stage train threw: it was told to' },
    ]);

    // What was told, put together, is the state at the end.
    const matrix = await page.read<StageMatrix>('/api/matrix?stage=train&metric=loss');
    expect(matrix).toMatchObject({
      axes: [
        { name: 'rate', values: [0.1, 0.2] },
        { name: 'size', values: [1, 2] },
      ],
      positions: [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
      ],
      states: `3${state('failed')}33`,
      metrics: ['loss'],
    });
    const told = new Map<number, string>();
    for (const event of [...begun, ...rest]) {
      const { index = [], states = '' } = deltaOf(event)?.nodes ?? {};
      for (const [at, each] of index.entries()) told.set(each, states[at] as string);
    }
    expect(matrix.index.map((each) => told.get(each)).join('')).toBe(matrix.states);
    expect(matrix.metric?.values[0]).toBeLessThanOrEqual(1);
    const values = (since: string) =>
      page.read<MetricValues>(`/api/values?stage=train&metric=loss&since=${encodeURIComponent(since)}`);
    const all = await values('0:0');
    expect([all.index, all.values]).toEqual([matrix.index, matrix.metric?.values]);
    expect(await values(matrix.versionId)).toMatchObject({ index: [], versionId: matrix.versionId });
    for (const events of [begun, rest]) expect(events.length).toBeLessThanOrEqual(2 + 4 * secondsOf(events));
  });

  it('shows an ended run: attempts, logs, records, previews, the timeline and the list', async () => {
    const failed = await page.read<NodePage>('/api/node?node=train/0.1/2');
    expect(failed).toMatchObject({ state: 'failed', attempts: [{ outcome: 'failed', failure: { cause: 'stage' } }] });
    expect(failed.metrics[0]?.name).toBe('loss');
    expect((await page.read<LogPart>('/api/log?node=train/0.1/2&offset=-8')).text).toMatch(/ é\n$/);

    const made = await page.read<NodePage>('/api/node?node=train/0.1/1');
    expect(made).toMatchObject({
      state: 'executed',
      reason: 'never run',
      record: { run: made.head.run, compute: null },
    });
    const preview = (name: string) => {
      const output = made.outputs.find((each) => each.name === name);
      return page.read<Preview>(`/api/preview?digest=${output?.digest}&type=${output?.type}`);
    };
    expect(await preview('made')).toMatchObject({
      kind: 'json',
      text: '{\n  "rate": 0.1,\n  "size": 1\n}',
      next: null,
    });
    expect(await preview('table')).toMatchObject({
      kind: 'table',
      columns: [{ name: 'a' }, { name: 'b' }],
      rows: 2,
      values: [
        ['1', '2'],
        ['x', 'y'],
      ],
    });

    const timeline = await page.read<Timeline>('/api/timeline');
    expect([...timeline.outcomes].sort().join('')).toBe('eeef');
    expect(timeline.failed.map(({ node }) => node)).toEqual(['train/0.1/2']);
    expect((await page.read<Timeline>('/api/timeline?from=3')).node).toHaveLength(1);
    expect(await page.read<RunList>('/api/runs')).toMatchObject({
      runs: [{ run: made.head.run, state: 'failed' }],
      next: null,
    });
  });

  it('names a run, and lists it among the experiments with its curves', async () => {
    const { runs } = await page.read<RunList>('/api/runs');
    const run = runs[0]?.run as string;
    expect(await page.act({ action: 'tag', run, name: 'first', note: 'the one that fails' })).toMatchObject({
      status: 200,
    });
    expect((await page.read<Overview>('/api/overview')).head).toMatchObject({
      name: 'first',
      note: 'the one that fails',
    });
    expect(await page.act({ action: 'tag', run, name: 'a,b' })).toMatchObject({ status: 400 });
    const { rows } = await page.read<ExperimentTable>('/api/experiments');
    expect(rows).toMatchObject([{ run, name: 'first', state: 'failed', metrics: { loss: {} } }]);
    const nodes = rows[0]?.metrics.loss?.nodes.map((node) => `&nodes=${run}:${node}`) ?? [];
    const curves = await page.read<readonly MetricCurve[]>(`/api/series?metric=loss${nodes.join('')}`);
    expect(curves.map(({ node, series }) => [node, series.name])).toContainEqual(['train/0.1/1', 'loss']);
    expect((await page.read<NodePage>('/api/node?index=1')).node).toBe('train/0.1/2');
  });

  it('tells a page that has the state of another server to load its view again', async () => {
    const [event] = await page.events('run=last', () => true, 'another:12');
    expect(event?.event).toBe('reset');
    const { versionId } = await page.read<Overview>('/api/overview');
    const [again] = await page.events(`run=last&since=${versionId.replace(/:.*/, ':0')}`, () => true);
    expect(deltaOf(again as ReceivedEvent)?.nodes.index).toEqual([0, 1, 2, 3, 4]);
  });

  it('still shows earlier runs while the pipeline file is wrong', async () => {
    const text = project.read('pipeline.yaml');
    project.write('pipeline.yaml', 'stages: [');
    expect(await page.read<Overview>('/api/overview')).toMatchObject({ head: { state: 'failed' } });
    expect(await page.asPage('/api/overview?run=now')).toMatchObject({ status: 400 });
    project.write('pipeline.yaml', text);
  });

  it('starts a run, which the terminal stops as any other, and shows its results', async () => {
    expect(await page.act({ action: 'run', targets: ['nothing'] })).toMatchObject({ status: 400 });
    expect(await page.act({ action: 'run', targets: ['all'], keepGoing: true })).toMatchObject({ status: 200 });
    // It fails again: nothing has changed.
    await page.until(({ head }) => head.state === 'failed' && head.targets.length > 0);
    project.write('gates/0.1-2', '');
    expect((await project.execute(['run', '--set', 'sizes=[1]'], gates(project))).code).toBe(0);
    const { targets } = await page.read<ResultList>('/api/results');
    expect(targets).toMatchObject([
      {
        name: 'all',
        results: [{ path: 'all.json', state: 'waiting' }],
        provenance: { stages: [{ stage: 'train', nodes: 4 }, {}] },
      },
    ]);
  });
});

describe('a run that a page looks at', () => {
  let project: Project;
  let page: LivePage;

  beforeAll(async () => {
    project = waitingProject();
    page = await LivePage.open(project, gates(project));
  });
  afterAll(async () => void (await page.close()));

  it('is stopped after its running nodes', async () => {
    const run = project.start(['run', '--jobs', '2'], gates(project));
    const { head } = await page.until((each) => each.running.length === 2);
    expect(await page.act({ action: 'stop', run: head.run as string })).toMatchObject({ status: 200 });
    await page.until((each) => each.head.state === 'stopping');
    project.write('gates/0.1-1', '');
    project.write('gates/0.1-2', '');
    expect((await run.ended).code).toBe(130);
    const ended = await page.until((each) => each.head.state === 'interrupted');
    expect(ended.head.counts[state('executed')]).toBe(2);
    expect(await page.act({ action: 'stop', run: head.run as string })).toMatchObject({ status: 400 });
  });

  it('is stopped at once', async () => {
    const run = project.start(['run'], gates(project));
    const { head } = await page.until((each) => each.head.state === 'running' && each.running.length > 0);
    expect(await page.act({ action: 'stop now', run: head.run as string })).toMatchObject({ status: 200 });
    expect((await run.ended).code).toBe(130);
  });

  it('is told as killed after kill -9, and the next one shows what that one has left to do', async () => {
    const run = project.start(['run'], gates(project));
    await page.until((each) => each.head.state === 'running' && each.running.length > 0);
    run.signal('SIGKILL');
    await run.ended;
    const { running } = await page.until((each) => each.head.state === 'killed');
    expect(running).toEqual([]);
  });

  it('goes on when the server is killed; and a server that ends lets its own runs finish', async () => {
    expect(await page.act({ action: 'run', targets: [] })).toMatchObject({ status: 200 });
    await page.until((each) => each.head.state === 'running' && each.running.length > 0);
    page.running.signal('SIGINT');
    await page.running.until((each) => each.errorText().includes('waiting for running nodes'));
    openGates(project);
    expect((await page.running.ended).code).toBe(0);
    const [last] = await project.json<readonly { state: string }[]>(['history']);
    expect(last?.state).toBe('interrupted');

    page = await LivePage.open(project, gates(project));
    const run = project.start(['run'], gates(project));
    page.running.signal('SIGKILL');
    expect((await run.ended).code).toBe(0);
    page = await LivePage.open(project, gates(project));
    expect((await page.read<Overview>('/api/overview')).head.state).toBe('done');
  });
});

describe('vmfdag run --ui', () => {
  it('says where the page is, and ends the page with the run', async () => {
    const project = waitingProject();
    const run = project.start(['run', '--ui'], gates(project));
    expect(await run.until((each) => /#token=/.test(each.errorText()))).toBe(true);
    const address = /http:\S+/.exec(run.errorText())?.[0] as string;
    const { origin } = new URL(address);
    expect((await fetch(`${origin}/api/overview`)).status).toBe(401);
    openGates(project);
    expect((await run.ended).code).toBe(0);
    await expect(fetch(`${origin}/api/overview`)).rejects.toThrow();
  });

  it('is ended with a run that is killed', async () => {
    const project = waitingProject();
    const run = project.start(['run', '--ui'], gates(project));
    await run.until((each) => /#token=/.test(each.errorText()));
    const { origin } = new URL(/http:\S+/.exec(run.errorText())?.[0] as string);
    run.signal('SIGKILL');
    await expect
      .poll(
        () =>
          fetch(`${origin}/api/overview`).then(
            ({ status }) => status,
            () => 'gone',
          ),
        { timeout: 20_000 },
      )
      .toBe('gone');
  });
});

describe('vmfdag ui', () => {
  it('says which port it cannot have', async () => {
    const project = waitingProject();
    const page = await LivePage.open(project);
    const { code, stderr } = await project.execute(['ui', '--no-open', '--port', String(page.port)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot listen on port ${page.port} of 127.0.0.1`);
    expect(stderr).toContain('--port');
    expect((await page.close()).code).toBe(0);
  });
});

function secondsOf(events: readonly ReceivedEvent[]): number {
  return ((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)) / 1000;
}
