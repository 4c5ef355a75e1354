import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeProvider } from '../support/compute-provider.ts';
import { temporaryFolder } from '../support/folders.ts';
import { WITH_ALL_MACHINES } from '../support/machines.ts';
import { Project, projectOf } from '../support/project.ts';
import { vmfdag } from '../support/repository.ts';
import { type Server, startServer, whyNoServer } from '../support/servers.ts';
import { elsewhere, sharedProject } from '../support/shared.ts';

const NODES = 23;
/** Each step of a chain takes so long where something is to happen meanwhile. */
const SLOW = ['--set', 'milliseconds=700'];

const missing = whyNoServer('slurm');

/** A stage, and what tells what it computes with: a variable of the machine. */
const ACME = {
  'stages/a.ts': `import { defineStage, json } from 'vmfdag';
import * as v from 'valibot';
export default defineStage({ params: v.any(), inputs: {}, outputs: { out: json<string>() }, run: ({ compute }) => ({ out: compute.version }) });
`,
  ...computeProvider(`export const identify = () => ({
  kind: 'identified', identity: { backend: 'acme', version: process.env.CUDA_HOME ?? 'here', threads: 1 }, files: [],
});
`),
};

let original: Project;
let expected: Awaited<ReturnType<Project['digests']>>;
let expectedSlow: Awaited<ReturnType<Project['digests']>>;

beforeAll(async () => {
  original = sharedProject();
  original.write(
    'vmfdag.settings.yaml',
    'executors:\n  cluster: {slurm: {poll: 1s, idle: 5s}, slots: 3}\n  nowhere: {slurm: {partition: missing}, slots: 1}\n',
  );
  if (missing !== undefined) return;
  await original.run();
  expected = await original.digests();
  await original.run(['--set', 'milliseconds=1']);
  // Waiting changes keys, and no bytes.
  expectedSlow = await original.digests(['--set', 'milliseconds=1']);
});

interface Cluster {
  readonly server: Server;
  readonly env: Readonly<Record<string, string>>;
}

function cluster(settings: Readonly<Record<string, string>> = {}): Cluster {
  const server = startServer('slurm', settings);
  return { server, env: { SLURM_CONF: server.variables.SLURM_CONF as string } };
}

function slurm({ env }: Cluster, program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
}

/** Ids of the jobs in a state. */
function jobs(of: Cluster, state: string): readonly string[] {
  return slurm(of, 'squeue', '-h', '-r', '-t', state, '-o', '%i').split('\n').filter(Boolean);
}

async function until(holds: () => boolean, seconds = 40): Promise<void> {
  for (let round = 0; !holds(); round++) {
    if (round > seconds * 10) throw new Error('it did not happen');
    await sleep(100);
  }
}

/** What a run leaves once it has ended: results for others. */
function left(project: Project): readonly string[] {
  return existsSync(project.path('.vmfdag')) ? readdirSync(project.path('.vmfdag')).sort() : [];
}

const run = (project: Project, { env }: Cluster, args: readonly string[] = []) =>
  project.run(['--executor', 'cluster', ...args], { env });

describe.skipIf(missing !== undefined)(`jobs of SLURM${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('give the digests of a local run, and leave nothing but results', async () => {
    const at = cluster();
    const project = elsewhere(original);
    const made = await run(project, at);
    expect(made.code).toBe(0);
    expect(made.summary).toMatchObject({ executed: NODES });
    expect(await project.digests()).toEqual(expected);
    const record = await project.json<{ executor?: string; host: string }>(['cache', 'show', 'total']);
    expect(record).toMatchObject({ executor: 'cluster', host: hostname() });
    expect(left(project)).toEqual(['.gitignore', 'shared']);
    await until(() => jobs(at, 'all').length === jobs(at, 'COMPLETED,CANCELLED').length);
    // Another checkout that shares the spool folder executes nothing.
    const settings = project
      .read('vmfdag.settings.yaml')
      .replace('poll: 1s', `spool: "${project.path('.vmfdag')}", poll: 1s`);
    const there = elsewhere(original);
    there.write('vmfdag.settings.yaml', settings);
    expect((await run(there, at)).summary).toMatchObject({ executed: 0, fetched: NODES });
  });

  it.runIf(WITH_ALL_MACHINES)('execute the stages that name them, with the resources that these ask for', async () => {
    const at = cluster();
    const project = elsewhere(original);
    project.edit(
      'pipeline.yaml',
      '    run: stages/look.ts\n',
      '    run: stages/look.ts\n    executor: cluster\n    resources: {threads: 2, memory: 300MB}\n',
    );
    expect((await project.run([], { env: at.env })).code).toBe(0);
    const of = async (node: string) => (await project.json<{ executor?: string }>(['cache', 'show', node])).executor;
    expect([await of('look/1/0'), await of('step/1/1')]).toEqual(['cluster', undefined]);
    const shown = slurm(at, 'squeue', '-h', '-t', 'all', '-o', '%c %m');
    expect(
      new Set(
        shown
          .trim()
          .split('\n')
          .map((line) => line.trim().replace(/ +/, ' ')),
      ),
    ).toEqual(new Set(['2 287M']));
  });

  it.runIf(WITH_ALL_MACHINES)('say once what they compute with, which is in keys', async () => {
    const at = cluster();
    const command = ['env', 'CUDA_HOME=there', process.execPath, vmfdag];
    const project = projectOf({
      ...ACME,
      'pipeline.yaml': `version: 1
name: computes
compute: {provider: acme-compute, request: {}}
executors: {cluster: {slurm: {poll: 1s, idle: 2s, command: ${JSON.stringify(command)}}, slots: 1}}
stages: {only: {run: stages/a.ts, compute: true, executor: cluster, resources: {threads: 2}, outputs: {out: json}}}
targets: {t: {files: {out.json: only.out}}}
`,
    });
    expect(await project.run([], { env: at.env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 1 } });
    expect(project.read('results/out.json')).toBe('"there"\n');
    expect((await project.json<readonly { state: string }[]>(['status']))[0]).toMatchObject({ state: 'current' });
    expect((await project.run([], { env: at.env })).summary).toMatchObject({ executed: 0 });
    await until(() => jobs(at, 'RUNNING,PENDING').length === 0);
    expect(left(project)).toEqual(['.gitignore', 'shared']);
  });

  it.runIf(WITH_ALL_MACHINES)('get secrets by their environment, and no file has them', async () => {
    const at = cluster();
    const project = new Project(temporaryFolder());
    project.write('vmfdag.settings.yaml', original.read('vmfdag.settings.yaml'));
    project.write(
      'pipeline.yaml',
      `version: 1
name: secrets
stages:
  hold: {command: "sleep 2; echo $TOKEN; printf %s $TOKEN | wc -c > {outputs.length}", secrets: [TOKEN], outputs: {length: csv}}
targets: {all: {files: {length: hold.length}}}
`,
    );
    const token = 'a-secret-of-26-characters.';
    const running = project.start(['run', '--executor', 'cluster'], { env: { ...at.env, TOKEN: token } });
    await until(() => jobs(at, 'RUNNING').length > 0);
    const seen = new Set<string>();
    for (let round = 0; round < 60; round++) {
      for (const file of readdirSync(project.path('.vmfdag'), { recursive: true, encoding: 'utf8' })) {
        const path = project.path('.vmfdag', file);
        try {
          if (statSync(path).isFile() && readFileSync(path).includes(token)) seen.add(file);
        } catch {
          // It was read by the other side meanwhile.
        }
      }
      await sleep(30);
    }
    expect((await running.ended).code).toBe(0);
    expect([...seen]).toEqual([]);
    expect(project.read('results/length').trim()).toBe(String(token.length));
    expect((await project.execute(['cache', 'show', 'hold'])).stdout).not.toContain(token);
  });

  it.runIf(WITH_ALL_MACHINES)('may be cancelled, requeued and killed: what they had is executed again', async () => {
    const at = cluster({ RIG_SLURMD_TIMEOUT: '3', RIG_MSG_TIMEOUT: '2' });
    const project = elsewhere(original);
    const running = project.start(['run', '--json', '--executor', 'cluster', ...SLOW], { env: at.env });
    await until(() => jobs(at, 'RUNNING').length === 3);
    const [first = '', ...others] = jobs(at, 'RUNNING');
    for (const job of others) slurm(at, 'scancel', job);
    slurm(at, 'scontrol', 'requeue', first);
    await sleep(1500);
    at.server.command('node-kill', 'n2');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('was cancelled');
    expect(stdout).not.toContain('"type":"failed"');
    const digests = await project.digests(SLOW);
    expect(Object.values(digests)).toEqual(Object.values(expectedSlow));
  });

  it('may wait for long after they were requeued: their nodes do not wait for them', async () => {
    const at = cluster();
    const project = elsewhere(original);
    const running = project.start(['run', '--json', '--executor', 'cluster', ...SLOW], { env: at.env });
    await until(() => jobs(at, 'RUNNING').length === 3);
    await running.until(() => running.outputText().includes('"type":"finished"'));
    slurm(at, 'scontrol', 'update', 'NodeName=n1,n2,n3', 'State=DRAIN', 'Reason=test');
    for (const job of jobs(at, 'RUNNING')) slurm(at, 'scontrol', 'requeue', job);
    // No node takes a job now.
    await running.until(() => running.outputText().includes('was requeued'));
    expect(jobs(at, 'RUNNING')).toEqual([]);
    slurm(at, 'scontrol', 'update', 'NodeName=n1,n2,n3', 'State=RESUME');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(0);
    expect(Object.values(await project.digests(SLOW))).toEqual(Object.values(expectedSlow));
  });

  it.runIf(WITH_ALL_MACHINES)('finish what they have when the run is killed, and the next run finds it', async () => {
    const at = cluster();
    const project = elsewhere(original);
    const running = project.start(['run', '--json', '--executor', 'cluster', ...SLOW], { env: at.env });
    const finished = () => running.outputText().match(/"type":"finished"/g)?.length ?? 0;
    await until(() => finished() >= 4);
    const before = finished();
    running.signal('SIGKILL');
    await running.ended;
    // Jobs know nothing of it: they end what they have, and then have nothing to do.
    await sleep(3000);
    const next = await run(project, at, SLOW);
    expect(next.code, JSON.stringify(next.events.filter(({ type }) => type === 'failed' || type === 'warning'))).toBe(
      0,
    );
    const { executed = 0, fetched = 0, upToDate = 0 } = next.summary ?? {};
    expect(executed + fetched + upToDate).toBe(NODES);
    expect(upToDate).toBeGreaterThanOrEqual(before);
    expect(fetched).toBeGreaterThan(0);
    expect(Object.values(await project.digests(SLOW))).toEqual(Object.values(expectedSlow));
    const { code } = await project.execute(['run', '--cancel-jobs', ...SLOW], { env: at.env });
    expect(code).toBe(0);
    expect((await project.execute(['jobs'], { env: at.env })).stdout).toMatch(/no jobs|pending|running/);
    await until(() => jobs(at, 'RUNNING,PENDING').length === 0, 20);
  });

  it('that are refused are named, and this machine executes the nodes', async () => {
    const at = cluster();
    const project = elsewhere(original);
    const made = await project.run(['--executor', 'nowhere'], { env: at.env });
    expect(made.code).toBe(0);
    expect(await project.digests()).toEqual(expected);
    expect(made.stdout.match(/invalid partition/g)).toHaveLength(1);
  });

  it.runIf(WITH_ALL_MACHINES)('are submitted once the controller is there again', async () => {
    const at = cluster();
    at.server.command('ctld-stop');
    const project = elsewhere(original);
    const running = project.start(['run', '--json', '--executor', 'cluster'], { env: at.env });
    await until(() => running.outputText().includes('trying again'));
    at.server.command('ctld-start');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/trying again in [^}]*"fix":"jobs that run do the work meanwhile/);
    expect(await project.digests()).toEqual(expected);
  });
});
