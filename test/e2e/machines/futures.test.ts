import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { pythonWith } from '../../python/python.ts';
import { reportOf } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { WITH_ALL_MACHINES } from '../support/machines.ts';
import { paperProject, whyNoMnist } from '../support/paper.ts';
import { isAlive, parentOf, processesWith } from '../support/processes.ts';
import { projectOf } from '../support/project.ts';
import { startServer, whyNoServer } from '../support/servers.ts';
import { MIXED } from '../support/units.ts';

/** What each engine needs of Python. */
const ENGINES = { processes: [], parsl: ['parsl'], ray: ['ray'], dask: ['distributed'] } as const;

/** Declares the executor `there`. */
function withEngine(pipeline: string, factory: string, python = 'python3', more = 'slots: 2'): string {
  const line = `executors: {there: {futures: "${factory}", python: [${JSON.stringify(python)}], ${more}}}`;
  return pipeline.replace(/^(name: .*)$/m, `$1\n${line}`);
}

/** Units of these tests have a cache of their own, and bear a mark. */
function environment(): { readonly env: Readonly<Record<string, string>>; readonly mark: string } {
  const mark = randomUUID();
  return { env: { XDG_CACHE_HOME: temporaryFolder(), VMFDAG_TEST_MARK: mark }, mark: `VMFDAG_TEST_MARK=${mark}` };
}

describe.each(Object.entries(ENGINES))('units of %s', (engine, modules) => {
  const found = pythonWith(...modules);
  const factory = `vmfdag.executors:${engine}`;

  it('give the digests of a local run, and leave no process', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const project = projectOf({ ...MIXED, 'pipeline.yaml': withEngine(MIXED['pipeline.yaml'], factory, found.python) });
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    const { env, mark } = environment();
    const run = await project.run(['--executor', 'there'], { env });
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(run.events.filter(({ type }) => type === 'warning' || type === 'refused')).toEqual([]);
    expect(await project.digests()).toEqual(await project.digests(local));
    const store = openStore(project.path('cache'));
    // The run's own machine takes the source.
    const executors = [...store.records()].filter(({ stage }) => stage !== 'words').map(({ executor }) => executor);
    expect(new Set(executors)).toEqual(new Set(['there']));
    await store.close();
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 10_000 });
  });

  it.runIf(WITH_ALL_MACHINES)(
    'cost what was in flight, where kill -9 ends the worker of the engine',
    async ({ skip }) => {
      if ('reason' in found) return skip(found.reason);
      const project = gateProject(3);
      project.write('pipeline.yaml', withEngine(project.read('pipeline.yaml'), factory, found.python, 'slots: 1'));
      const run = project.start(['run', '--json', '--executor', 'there'], environment());
      const first = await processOf(project, 1);
      const unit = parentOf(first);
      process.kill(parentOf(unit), 'SIGKILL');
      await vi.waitFor(() => expect([first, unit].filter(isAlive)).toEqual([]), { timeout: 40_000 });
      await vi.waitFor(async () => expect(await processOf(project, 1)).not.toBe(first), {
        timeout: 40_000,
        interval: 50,
      });
      project.write('gate', '');
      const ended = reportOf(await run.ended);
      expect(ended).toMatchObject({ code: 0, summary: { executed: 3, failed: 0 } });
      const warned = ended.events.filter(({ type }) => type === 'warning');
      expect(warned).toHaveLength(1);
      expect(JSON.stringify(warned)).toMatch(/was lost: |was begun a second time/);
    },
  );

  it.runIf(WITH_ALL_MACHINES)('end with a run that kill -9 ends, and with their engine', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const project = gateProject(2);
    project.write('pipeline.yaml', withEngine(project.read('pipeline.yaml'), factory, found.python));
    const { env, mark } = environment();
    const run = project.start(['run', '--json', '--executor', 'there'], { env });
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    expect(processesWith(mark).length).toBeGreaterThan(5);
    process.kill(run.pid, 'SIGKILL');
    await run.ended;
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 20_000, interval: 200 });
  });
});

describe('a bridge', () => {
  const found = pythonWith();

  it.runIf(WITH_ALL_MACHINES)('that kill -9 ends costs what was in flight, and is started again', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const project = gateProject(3);
    project.write(
      'pipeline.yaml',
      withEngine(project.read('pipeline.yaml'), 'vmfdag.executors:processes', found.python),
    );
    const { env, mark } = environment();
    const run = project.start(['run', '--json', '--executor', 'there'], { env });
    const first = await Promise.all([processOf(project, 1), processOf(project, 2)]);
    const worker = parentOf(parentOf(first[0]));
    process.kill(parentOf(worker), 'SIGKILL');
    await vi.waitFor(() => expect(first.filter(isAlive)).toEqual([]), { timeout: 10_000 });
    project.write('gate', '');
    const ended = reportOf(await run.ended);
    expect(ended).toMatchObject({ code: 0, summary: { executed: 3, failed: 0 } });
    const warned = ended.events.filter(({ type }) => type === 'warning');
    expect(JSON.stringify(warned)).toContain('has lost its engine, which was killed by SIGKILL');
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 10_000 });
  });

  it.runIf(WITH_ALL_MACHINES)('tells units the address of "listen", and names one that is taken', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const addressed = (address: string) =>
      projectOf({
        ...MIXED,
        'pipeline.yaml': withEngine(
          MIXED['pipeline.yaml'],
          'vmfdag.executors:processes',
          found.python,
          `slots: 1, listen: "${address}"`,
        ),
      });
    const target = ['--executor', 'there', '--target', 'gather'];
    const taken = await addressed(`127.0.0.1:${port}`).run(target, environment());
    server.close();
    expect(taken).toMatchObject({ code: 0, summary: { failed: 0 } });
    const refused = JSON.stringify(taken.events.filter(({ type }) => type === 'refused'));
    expect(refused).toContain(`units cannot connect to 127.0.0.1:${port} (listen EADDRINUSE`);
    expect(refused).toContain('name another address with \\"listen\\"');
    const named = await addressed(`localhost:${port}`).run(target, environment());
    expect(named).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(named.events.filter(({ type }) => type === 'warning' || type === 'refused')).toEqual([]);
  });

  it.runIf(WITH_ALL_MACHINES)('ends with a run that two interrupts stop, with its engine', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const project = gateProject(2);
    project.write(
      'pipeline.yaml',
      withEngine(project.read('pipeline.yaml'), 'vmfdag.executors:processes', found.python),
    );
    const { env, mark } = environment();
    const run = project.start(['run', '--json', '--executor', 'there'], { env });
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    process.kill(run.pid, 'SIGINT');
    await run.until((running) => running.events().some(({ type }) => type === 'stopping'));
    process.kill(run.pid, 'SIGINT');
    await run.ended;
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 10_000 });
  });
});

describe('the pipeline of the paper', () => {
  const found = pythonWith('parsl');

  it.runIf(WITH_ALL_MACHINES)('gives the digests of a local run on pilots of Parsl', async ({ skip }) => {
    const reason = whyNoMnist() ?? ('reason' in found ? found.reason : undefined);
    if (reason !== undefined || 'reason' in found) return skip(reason);
    const project = paperProject();
    project.write('pipeline.yaml', withEngine(project.read('pipeline.yaml'), 'vmfdag.executors:parsl', found.python));
    const begun = project.path('local');
    cpSync(project.path('cache'), begun, { recursive: true });
    expect(await project.run(['--cache', begun])).toMatchObject({ code: 0, summary: { failed: 0 } });
    const run = await project.run(['--executor', 'there'], environment());
    expect(run).toMatchObject({ code: 0, summary: { failed: 0 } });
    expect(run.events.filter(({ type }) => type === 'warning' || type === 'refused')).toEqual([]);
    expect(await project.digests()).toEqual(await project.digests(['--cache', begun]));
  });
});

describe('pilots of Parsl in a SLURM cluster', () => {
  const found = pythonWith('parsl');
  const missing = whyNoServer('slurm');

  const options = (python: string) => ({
    provider: 'SlurmProvider',
    pilots: { walltime: '00:05:00', exclusive: false, worker_init: `PATH=${dirname(python)}:$PATH` },
  });

  function queueOf(cluster: Readonly<Record<string, string>>): readonly string[] {
    const printed = execFileSync('squeue', ['-h', '-o', '%i'], {
      encoding: 'utf8',
      env: { ...process.env, ...cluster },
    });
    return printed.split('\n').filter(Boolean);
  }

  it('give the digests of a local run, and leave the queue', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    if (missing !== undefined) return skip(missing);
    const cluster = { SLURM_CONF: startServer('slurm').variables.SLURM_CONF as string };
    const more = `slots: 2, options: ${JSON.stringify(options(found.python))}`;
    const pipeline = withEngine(MIXED['pipeline.yaml'], 'vmfdag.executors:parsl', found.python, more);
    const project = projectOf({ ...MIXED, 'pipeline.yaml': pipeline });
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    const { env, mark } = environment();
    const run = await project.run(['--executor', 'there'], { env: { ...env, ...cluster } });
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(run.events.filter(({ type }) => type === 'warning' || type === 'refused')).toEqual([]);
    expect(await project.digests()).toEqual(await project.digests(local));
    await vi.waitFor(() => expect(queueOf(cluster)).toEqual([]), { timeout: 20_000, interval: 500 });
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 20_000, interval: 500 });
  });

  it.runIf(WITH_ALL_MACHINES)(
    'that the scheduler takes away cost what was in flight, and leave the queue with a killed run',
    async ({ skip }) => {
      if ('reason' in found) return skip(found.reason);
      if (missing !== undefined) return skip(missing);
      const cluster = { SLURM_CONF: startServer('slurm').variables.SLURM_CONF as string };
      const project = gateProject(2);
      const more = `slots: 2, options: ${JSON.stringify(options(found.python))}`;
      project.write('pipeline.yaml', withEngine(project.read('pipeline.yaml'), 'engines:quick', found.python, more));
      // Parsl asks SLURM once a minute.
      project.write(
        'engines.py',
        `from parsl.providers import SlurmProvider
from vmfdag.executors import parsl

SlurmProvider.status_polling_interval = 1

def quick(**options):
    return parsl(2, **options)
`,
      );
      const { env, mark } = environment();
      const run = project.start(['run', '--json', '--executor', 'there'], { env: { ...env, ...cluster } });
      const first = await processOf(project, 1);
      execFileSync('scancel', queueOf(cluster), { env: { ...process.env, ...cluster } });
      await vi.waitFor(async () => expect(await processOf(project, 1)).not.toBe(first), {
        timeout: 60_000,
        interval: 50,
      });
      process.kill(run.pid, 'SIGKILL');
      await run.ended;
      expect(run.events().filter(({ type }) => type === 'failed')).toEqual([]);
      await vi.waitFor(() => expect(queueOf(cluster)).toEqual([]), { timeout: 20_000, interval: 500 });
      await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 20_000, interval: 500 });
    },
  );
});

describe('an engine that cannot be used', () => {
  const found = pythonWith();
  const engines = `def broken(**options):
    raise ValueError('no queue of the name ' + options['queue'])

def lacking():
    import an_engine_that_is_not_there
`;

  async function refusal(factory: string, more = 'slots: 2', python?: string): Promise<string> {
    const project = projectOf({
      'pipeline.yaml': withEngine(
        `version: 1
name: scripts
stages:
  only: {command: "echo {} > {outputs.made}", each: {n: [1, 2, 3]}, outputs: {made: json}}
`,
        factory,
        python ?? ('python' in found ? found.python : 'python3'),
        more,
      ),
      'engines.py': engines,
    });
    const run = await project.run(['--executor', 'there']);
    expect(run).toMatchObject({ code: 0, summary: { executed: 3 } });
    const refused = run.events.filter(({ type }) => type === 'refused');
    expect(refused).toHaveLength(1);
    return JSON.stringify(refused);
  }

  it.each([
    [
      'engines:broken',
      'slots: 2, options: {queue: short}',
      'ValueError: no queue of the name short',
      'change the options',
    ],
    ['engines:lacking', 'slots: 2', 'an_engine_that_is_not_there', '-m pip install an_engine_that_is_not_there'],
    ['enginez:mine', 'slots: 2', "No module named 'enginez'", 'modules are found in'],
    [
      'vmfdag.executors:processes',
      'slots: 2, command: [/is/not/there]',
      'could not be started on',
      '--check vmfdag.executors:processes',
    ],
    [
      'vmfdag.executors:processes',
      'slots: 1, command: [sh, "-c", "echo no module >&2; exit 3"]',
      'ended with exit code 3: no module',
      'try it by hand',
    ],
  ])('%s with %s says once why, and this machine executes the nodes', async (factory, more, fact, fix) => {
    const told = await refusal(factory, more);
    expect(told).toContain(fact);
    expect(told).toContain(fix);
  });

  it.runIf(WITH_ALL_MACHINES)('a Python that is not there is named', async () => {
    const told = await refusal('vmfdag.executors:processes', 'slots: 2', '.venv/bin/python');
    expect(told).toContain('the Python \\".venv/bin/python\\" could not be started');
    expect(told).toContain('name one with \\"python\\"');
  });
});
