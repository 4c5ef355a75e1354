import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { computeProvider } from '../support/compute-provider.ts';
import { temporaryFolder } from '../support/folders.ts';
import { type Project, projectOf } from '../support/project.ts';
import { unitLine, withExecutor } from '../support/units.ts';

/** What a machine computes with stands in a file of the folder that its packages are in. */
const PROVIDER = `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
export function identify(request, root) {
  const file = join(root, 'kind');
  const version = readFileSync(file, 'utf8');
  if (version === 'none') return { kind: 'refused', failure: 'environment', problems: [{ fact: 'there is no anvil' }] };
  return { kind: 'identified', identity: { backend: 'acme', version, threads: 1 }, files: [file] };
}
export const listBackends = () => [];
`;

const FILES = {
  'stages/a.ts': `import { defineStage, json, one } from 'vmfdag';
import * as v from 'valibot';
export const train = defineStage({ params: v.object({ rate: v.number() }), inputs: {}, outputs: { out: json<string>() },
  run: ({ compute, params, coordinates }) => ({ out: [compute.version, params.rate, coordinates.seed].join(' ') }) });
export const plot = defineStage({ params: v.object({}), inputs: { trained: one(json<string>()) }, outputs: { out: json<string>() },
  run: ({ compute, inputs }) => ({ out: inputs.trained + ', drawn by ' + compute.version }) });
`,
  ...computeProvider(PROVIDER),
};

const PIPELINE = `version: 1
name: t
params: {rate: 1}
compute: {provider: acme-compute, request: {}}
stages:
  train: {run: stages/a.ts#train, compute: true, executor: there, each: {seed: [1, 2, 3, 4, 5, 6]}, params: {rate: "\${rate}"}, outputs: {out: json}}
  plot: {run: stages/a.ts#plot, compute: true, inputs: {trained: "train.out[seed=1]"}, outputs: {out: json}}
targets: {t: {nodes: [train], files: {out.json: plot.out}}}
`;

/** A machine with a folder for packages. */
function machine(kind: string): Project {
  return projectOf({ ...FILES, kind });
}

/** A project on a machine of one kind, whose executor `there` is on those of others. Each start of a unit takes the next one. */
function projectAmong(here: string, others: readonly Project[], pipeline = PIPELINE): Project {
  const project = projectOf({ ...FILES, kind: here });
  const line = unitLine(temporaryFolder()).map((word) => `'${word}'`);
  const roots = others.map(({ directory }) => `'${directory}'`);
  const script = `n=1; while ! mkdir starts.$n 2>/dev/null; do n=$((n + 1)); done
set -- ${roots.join(' ')}; shift $(( (n - 1) % $# )); for root in "$@"; do break; done; exec ${line.join(' ')} --root "$root"`;
  project.write('pipeline.yaml', withExecutor(pipeline, ['sh', '-c', script]));
  return project;
}

const startsOf = (project: Project): number => {
  let starts = 0;
  while (existsSync(project.path(`starts.${starts + 1}`))) starts++;
  return starts;
};

async function versionsOf(project: Project): Promise<Readonly<Record<string, string | undefined>>> {
  const store = openStore(project.path('cache'));
  const found = Object.fromEntries([...store.records()].map(({ node, compute }) => [node, compute?.version]));
  await store.close();
  return found;
}

describe('a stage whose executor computes with something else than this machine', () => {
  it('has what that machine computes with in its keys, which is asked once', async () => {
    const project = projectAmong('A', [machine('B')]);
    expect((await project.execute(['status'])).code).toBe(0);
    expect((await project.execute(['explain', 'train/1'])).code).toBe(0);
    expect(startsOf(project)).toBe(0);

    const run = await project.run();
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { executed: 7 } });
    expect(project.read('results/out.json')).toBe('"B 1 1, drawn by A"\n');
    expect(await versionsOf(project)).toMatchObject({ 'train/1': 'B', 'train/6': 'B', plot: 'A' });
    // One for the question, and two slots.
    expect(startsOf(project)).toBe(3);

    expect(Object.values(await project.digests())).not.toContain(null);
    expect((await project.run()).summary).toMatchObject({ executed: 0 });
    expect((await project.execute(['cache', 'gc', '--dry-run'])).code).toBe(0);
    expect(startsOf(project)).toBe(3);
    // This machine would give something else.
    project.edit('pipeline.yaml', 'executor: there, each', 'each');
    expect((await project.run()).summary).toMatchObject({ executed: 7 });
    expect(project.read('results/out.json')).toBe('"A 1 1, drawn by A"\n');
  });

  it('has it for --executor too, in the run and in its dry run', async () => {
    const project = projectAmong('A', [machine('B')], PIPELINE.replace('executor: there, ', ''));
    expect((await project.run(['--executor', 'there'])).summary).toMatchObject({ executed: 7 });
    expect(project.read('results/out.json')).toBe('"B 1 1, drawn by B"\n');
    const dry = (...more: readonly string[]) =>
      project.json<readonly { state: string }[]>(['run', '--dry-run', ...more]).then((states) => states[0]?.state);
    expect(await dry('--executor', 'there')).toBe('current');
    expect(await dry()).toBe('stale');
  });

  it('needs no provider that works here', async () => {
    const everything = PIPELINE.replace('compute: true, inputs', 'compute: true, executor: there, inputs');
    const project = projectAmong('none', [machine('B')], everything);
    expect((await project.run()).code).toBe(0);
    rmSync(project.path('node_modules/acme-compute'), { recursive: true });
    expect((await project.run(['--set', 'rate=2'])).summary).toMatchObject({ executed: 7 });
    expect(project.read('results/out.json')).toBe('"B 2 1, drawn by B"\n');
  });

  it('is not executed on a machine that has changed since, nor by this one, and the next run asks again', async () => {
    const host = machine('B');
    const project = projectAmong('A', [host]);
    expect((await project.run()).code).toBe(0);
    host.write('kind', 'C');
    // What was made is up to date.
    expect((await project.run()).summary).toMatchObject({ executed: 0 });

    const refused = await project.run(['--set', 'rate=2']);
    expect(refused).toMatchObject({ code: 1, summary: { executed: 0, failed: 1 } });
    const failed = refused.events.find(({ type }) => type === 'failed');
    expect(failed).toMatchObject({ cause: 'refused' });
    expect(JSON.stringify(failed)).toMatch(/computes with something else.*version is \\"C\\" and not \\"B\\"/);
    expect(JSON.stringify(failed)).toContain('run again: the executor is asked again');

    expect((await project.run(['--set', 'rate=2'])).summary).toMatchObject({ executed: 7 });
    expect(project.read('results/out.json')).toBe('"C 2 1, drawn by A"\n');
  });

  it('goes to the machines among those of an executor that are like the one that was asked', async () => {
    const project = projectAmong('A', [machine('B'), machine('C')]);
    const run = await project.run();
    expect(run).toMatchObject({ code: 0, summary: { executed: 7, failed: 0 } });
    expect(new Set(Object.values(await versionsOf(project)))).toEqual(new Set(['A', 'B']));
  });

  it.each([
    ['cannot be reached', ['sh', '-c', 'echo no route >&2; exit 255'], /cannot say what it computes with.*no route/],
    ['has no provider that answers', undefined, /executor there: on .*there is no anvil/],
  ])('is refused before anything runs if the executor %s', async (_, line, message) => {
    const project = projectAmong('A', [machine('none')]);
    if (line) project.write('pipeline.yaml', withExecutor(PIPELINE, line));
    const { code, stdout, stderr } = await project.execute(['run']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    // Targets that do not need it are made.
    project.edit(
      'pipeline.yaml',
      'stages:\n',
      'stages:\n  other: {command: "echo 1 > {outputs.out}", outputs: {out: json}}\n',
    );
    expect((await project.run(['--target', 'other'])).code).toBe(0);
  });
});

describe('the GPUs of an executor', () => {
  const GPUS = `version: 1
name: gpus
stages:
  prepare: {command: "echo data > {outputs.data}", outputs: {data: csv}}
  train:
    command: "wc -c < {inputs.data} > {outputs.model}"
    inputs: {data: prepare.data}
    resources: {gpus: 1}
    executor: there
    outputs: {model: csv}
`;

  /** A program in the place of the driver's, which only the units see. */
  function installTool(project: Project, driver: string): void {
    const report = `Driver Version : ${driver}\nCUDA Version : 12.4\n    Product Name : NVIDIA H200`;
    project.write('tools/nvidia-smi', `#!/bin/sh\ncat <<'END'\n${report}\nEND\n`);
    chmodSync(project.path('tools/nvidia-smi'), 0o755);
  }

  it('are in the keys of stages that it executes and that ask for one', async () => {
    const project = projectOf({});
    const tools = `PATH=${project.path('tools')}:${process.env.PATH}`;
    const unit = ['env', tools, 'CUDA_VISIBLE_DEVICES=0', ...unitLine(temporaryFolder())];
    project.write('pipeline.yaml', withExecutor(GPUS, unit, 'slots: 1'));
    installTool(project, '550.54.15');
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    expect((await project.run()).summary).toMatchObject({ executed: 0 });
    const store = openStore(project.path('cache'));
    const gpus = Object.fromEntries([...store.records()].map((record) => [record.node, record.gpus]));
    await store.close();
    expect(gpus).toEqual({ prepare: undefined, train: 'NVIDIA H200, driver 550.54.15, CUDA 12.4' });

    installTool(project, '570.86.10');
    const refused = await project.run(['--force', 'train']);
    expect(refused).toMatchObject({ code: 1, summary: { failed: 1 } });
    expect(JSON.stringify(refused.events)).toMatch(
      /driver 570\.86\.10.*the keys of these nodes name .*driver 550\.54\.15/,
    );
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 1 } });
    const { stdout } = await project.execute(['explain', 'train']);
    expect(stdout).not.toContain('unknown');
    expect(readFileSync(project.path('pipeline.yaml'), 'utf8')).toContain('there');
  });
});
