import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { metricsProject } from '../support/metrics.ts';
import type { Project } from '../support/project.ts';

/** `VMFDAG_TEST_MLFLOW` names the program; CONTRIBUTING.md says how to install it. */
const program = process.env.VMFDAG_TEST_MLFLOW ?? 'mlflow';

function whyNone(): string | undefined {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `there is no program ${program}`;
  }
}

const missing = whyNone();
const START_MS = 120_000;

interface FoundRun {
  readonly info: {
    readonly run_id: string;
    readonly status: string;
    readonly run_name: string;
    readonly end_time: number;
  };
  readonly data: {
    readonly params?: readonly { readonly key: string; readonly value: string }[];
    readonly tags?: readonly { readonly key: string; readonly value: string }[];
  };
}

describe.skipIf(missing !== undefined)(`an MLflow server${missing === undefined ? '' : `: none (${missing})`}`, () => {
  let server: ChildProcess;
  let url: string;
  let project: Project;

  beforeAll(async () => {
    const folder = temporaryFolder();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const store = ['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', folder];
    server = spawn(program, ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...store], {
      cwd: folder,
      stdio: 'ignore',
      detached: true,
    });
    project = metricsProject();
    await project.run(['--set', 'offset=1']);
    await project.run();
    const until = Date.now() + START_MS;
    while (!(await isUp(url))) {
      if (Date.now() > until || server.exitCode !== null) throw new Error('the tracking server did not start');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }, 2 * START_MS);

  // It has started processes of its own.
  afterAll(() => void (server.pid && process.kill(-server.pid, 'SIGKILL')));

  async function ask<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  async function runsOf(experiment: string): Promise<readonly FoundRun[]> {
    const response = await fetch(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${experiment}`);
    const { experiment: found } = (await response.json()) as { experiment: { experiment_id: string } };
    const { runs } = await ask<{ runs: FoundRun[] }>('runs/search', { experiment_ids: [found.experiment_id] });
    return runs.toSorted((a, b) => (a.info.run_name < b.info.run_name ? -1 : 1));
  }

  async function historyOf(run: string, key: string) {
    const response = await fetch(
      `${url}/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=${encodeURIComponent(key)}`,
    );
    const { metrics = [] } = (await response.json()) as { metrics?: { step: string; value: unknown }[] };
    return metrics.map(({ step, value }) => [Number(step), Number(value)]);
  }

  const valueIn = (list: readonly { key: string; value: string }[] | undefined, key: string) =>
    list?.find((each) => each.key === key)?.value;

  it('gets a run for each node, once, however often it is exported', async () => {
    const args = ['metrics', 'export', '--mlflow', url];
    const first = await project.execute(args);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toBe(`${url}  experiment metrics: 2 created, 0 updated, 0 unchanged\n`);
    const runs = await runsOf('metrics');
    const [parent, one, two] = runs as [FoundRun, FoundRun, FoundRun];
    expect(runs.map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect([one, two].map(({ info }) => info.run_name)).toEqual(['train/1', 'train/two']);
    for (const { data } of [one, two]) expect(valueIn(data.tags, 'mlflow.parentRunId')).toBe(parent.info.run_id);
    expect(valueIn(parent.data.tags, 'vmfdag.run')).toBe(parent.info.run_name);
    expect(one.data.params).toEqual(
      expect.arrayContaining([
        { key: 'offset', value: '0' },
        { key: 'coordinates.seed', value: '1' },
      ]),
    );
    const losses = [0, 1, 2, 3, 4].map((step) => [10 * step, 1 / (step + 1)]);
    expect(await historyOf(one.info.run_id, 'loss')).toEqual(losses);
    expect((await historyOf(two.info.run_id, 'loss')).at(-1)).toEqual([40, Number.NaN]);
    expect(await historyOf(one.info.run_id, 'acc_ ___')).toEqual([[0, 50]]);

    const again = await project.json<{ mlflow: object }>(args);
    expect(again.mlflow).toEqual({ experiment: 'metrics', created: 0, updated: 0, unchanged: 2 });
    // An export that was interrupted has no digest of its content.
    await ask('runs/delete-tag', { run_id: one.info.run_id, key: 'vmfdag.content' });
    const repaired = await project.json<{ mlflow: object }>(args);
    expect(repaired.mlflow).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    expect(await historyOf(one.info.run_id, 'loss')).toEqual(losses);
    expect(await runsOf('metrics')).toHaveLength(3);

    // The earlier run has nodes of its own.
    const earlier = await project.json<{ mlflow: object }>([...args, '--run', 'last~1']);
    expect(earlier.mlflow).toMatchObject({ created: 2, unchanged: 0 });
    expect(await runsOf('metrics')).toHaveLength(6);
  });

  it('gets series that are longer than a request may be', async () => {
    const long = metricsProject();
    const pushes = `for (let m = 0; m < 3; m++) for (let step = 0; step < 1000; step++) metric('m' + m, m + step / 8, step);`;
    long.edit('stages/train.ts', `metric('acc, "%"', 50);`, pushes);
    await long.run();
    const args = ['metrics', 'export', 'train/1', '--mlflow', url, '--experiment', 'long'];
    expect(await long.execute(args)).toMatchObject({ code: 0, stderr: '' });
    const node = (await runsOf('long')).find(({ info }) => info.run_name === 'train/1') as FoundRun;
    const found = await historyOf(node.info.run_id, 'm2');
    expect(found).toEqual(Array.from({ length: 1000 }, (_, step) => [step, 2 + step / 8]));
  });
});

it('an address without a tracking server is one message', async () => {
  const project = metricsProject();
  await project.run();
  const port = await freePort();
  for (const [address, code, text] of [
    ['localhost:5000', 2, '--mlflow is no address of a tracking server'],
    [`http://user:hunter22@127.0.0.1:${port}/x/`, 1, `http://127.0.0.1:${port}/x: no answer`],
  ] as const) {
    const ended = await project.execute(['metrics', 'export', '--mlflow', address]);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
    expect(ended.stderr).not.toContain('hunter22');
    expect(ended.stderr).not.toContain('    at ');
  }
});

async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
