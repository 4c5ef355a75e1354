import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { imagesIn, importRoot, makeRoot, whyNoRoot } from '../support/containers.ts';
import { temporaryFolder } from '../support/folders.ts';
import { processesOf, workersOf } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

const noRoot = whyNoRoot();
const folder = temporaryFolder();
const root = join(folder, 'root');
if (noRoot === undefined) makeRoot(root);
const images = imagesIn(folder);
const imported = noRoot === undefined ? importRoot(images, root) : { why: noRoot };
const hasBubblewrap = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0;

const kinds = [
  {
    name: 'podman',
    environment: 'image' in imported ? `{image: "${imported.image}"}` : '',
    why: 'why' in imported ? imported.why : undefined,
  },
  {
    name: 'bubblewrap',
    environment: `{root: "${root}"}`,
    why:
      noRoot ??
      (hasBubblewrap
        ? undefined
        : 'bwrap is missing, or may not make namespaces (on Debian: apt-get install bubblewrap)'),
  },
];

/** Numbers of lines are made outside, sorted in the container, and counted outside. */
const SORTED = (environment: string) => `version: 1
name: containers
params: {lines: 3}
stages:
  make:
    command: "for i in $(seq \${lines}); do echo line $((9 - i)); done > {outputs.lines}; mkdir {outputs.more}; echo 1 > {outputs.more}/one"
    outputs: {lines: csv, more: directory}
  sort:
    command: "sort {inputs.lines} > {outputs.sorted}; cat {inputs.more}/one >> {outputs.sorted}"
    environment: ${environment}
    inputs: {lines: make.lines, more: make.more}
    outputs: {sorted: csv}
  count:
    command: "wc -l < {inputs.sorted} > {outputs.count}"
    inputs: {sorted: sort.sorted}
    outputs: {count: csv}
targets: {all: {files: {sorted.csv: sort.sorted, count.csv: count.count}}}
`;

function script(environment: string, text: string, more = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: one
stages:
  given:
    command: "echo given > {outputs.text}"
    outputs: {text: csv}
  only:
    command: ${JSON.stringify(text)}
    environment: ${environment}
    code: [code.txt]
    inputs: {text: given.text}
    outputs: {made: csv}
    ${more}
targets: {all: {files: {made.csv: only.made}}}
`,
    'code.txt': 'code\n',
    'secret.txt': 'of the project\n',
  });
}

describe.each(kinds)('a command in a container of $name', ({ name, environment, why }) => {
  const env = { ...images.env, DECLARED: 'declared', UNDECLARED: 'undeclared' };
  const it_ = it.skipIf(why !== undefined);
  const also = why === undefined ? '' : ` (skipped: ${why})`;

  it_(`reads its inputs and writes its outputs, and the digest is in the keys${also}`, async () => {
    const project = projectOf({ 'pipeline.yaml': SORTED(environment) });
    expect(await project.run([], { env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 3 } });
    expect(project.read('results/sorted.csv')).toBe('line 6\nline 7\nline 8\n1\n');
    expect(project.read('results/count.csv').trim()).toBe('4');
    const { stdout } = await project.execute(['explain', 'sort'], { env });
    expect(stdout).toMatch(/environment: (image sha256:|root )[0-9a-f]{12}, linux\/\w+/);
    expect((await project.run([], { env })).started).toEqual([]);
  });

  it_(`sees its folder, the declared variables and no network, and may not write to its inputs${also}`, async () => {
    const text = [
      'env > {outputs.made}; id -u >> {outputs.made}; ls / >> {outputs.made}; ip link >> {outputs.made} 2>&1; cat code.txt >> {outputs.made}',
      'if echo x >> {inputs.text}; then exit 3; fi; if touch inputs/new; then exit 4; fi; touch $TMPDIR/new $HOME/new',
    ].join('; ');
    const project = script(environment, text, 'variables: [DECLARED]\n    params: {}');
    const run = await project.run([], { env });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const made = project.read('results/made.csv').split('\n');
    expect(made).toContain('DECLARED=declared');
    expect(made).toContain('code');
    expect(made).toContain(String(process.getuid?.()));
    expect(made.filter((line) => line.includes('UNDECLARED') || line.startsWith('CONTAINERS_'))).toEqual([]);
    expect(made.filter((line) => /^\d+: /.test(line) && !line.includes('lo:'))).toEqual([]);
    expect(
      (await script(environment, `cat ${project.path('secret.txt')} > {outputs.made}`).run([], { env })).code,
    ).toBe(1);
  });

  it_(`fails with its exit code${also}`, async () => {
    const { code, stdout, stderr } = await script(environment, 'echo out; exit 7').execute(['run'], { env });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('ended with exit code 7');
    expect(stdout + stderr).toContain('out');
  });

  /** A number for each test, which only its processes have. */
  const seconds = (test: number) => (name === 'podman' ? 5400 : 5500) + test;
  const asleep = (line: string, count: number) =>
    vi.waitFor(() => expect(processesOf(line).length).toBe(count), { timeout: 20_000, interval: 50 });
  const noneIsLeft = async (line: string) => {
    await asleep(line, 0);
    if (name !== 'podman') return;
    await vi.waitFor(() => expect(images.podman('ps', '-aq').stdout).toBe(''), { timeout: 20_000, interval: 200 });
  };

  it_(`ends at its timeout${also}`, async () => {
    const line = `sleep ${seconds(1)}`;
    const project = script(environment, `${line} & ${line}`, 'timeout: 3s');
    const run = project.execute(['run'], { env });
    await asleep(line, 2);
    const { code, stdout, stderr } = await run;
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('was stopped after its timeout of 3 s');
    await noneIsLeft(line);
  });

  it_(`ends when the run is stopped, or killed${also}`, async () => {
    for (const [index, kill] of [
      async (run: ReturnType<Project['start']>) => {
        run.signal('SIGINT');
        await run.until((running) => (running.outputText() + running.errorText()).includes('stopping'));
        run.signal('SIGINT');
      },
      async (run: ReturnType<Project['start']>) => run.signal('SIGKILL'),
      async (run: ReturnType<Project['start']>) => {
        for (const worker of workersOf(run.pid)) process.kill(worker, 'SIGKILL');
      },
      async (run: ReturnType<Project['start']>) => {
        const workers = workersOf(run.pid);
        run.signal('SIGKILL');
        for (const worker of workers) process.kill(worker, 'SIGKILL');
      },
    ].entries()) {
      const line = `sleep ${seconds(2 + index)}`;
      const run = script(environment, `${line} & ${line}`).start(['run'], { env });
      await asleep(line, 2);
      await kill(run);
      await run.ended;
      await noneIsLeft(line);
    }
  });

  it_(`ends when the worker is killed while it starts${also}`, async () => {
    const random = randomStream(7, 'moments of kill -9 of a container');
    const line = `sleep ${seconds(8)}`;
    for (let round = 0; round < 8; round++) {
      const run = script(environment, line).start(['run'], { env });
      await vi.waitFor(() => expect(workersOf(run.pid)).not.toEqual([]), { timeout: 20_000, interval: 1 });
      await sleep(200 + random.uniform() * 300);
      const workers = workersOf(run.pid);
      if (round % 2 === 0) run.signal('SIGKILL');
      for (const worker of workers) process.kill(worker, 'SIGKILL');
      // On a busy machine, that one had not got its node yet: then another one has.
      let hasEnded = false;
      const ended = run.ended.then(() => {
        hasEnded = true;
      });
      for (await sleep(1000); !hasEnded; await sleep(300)) {
        for (const worker of workersOf(run.pid)) {
          try {
            process.kill(worker, 'SIGKILL');
          } catch {
            // It has ended meanwhile.
          }
        }
      }
      await ended;
    }
    await noneIsLeft(line);
    // Monitors of containers name the folder of the images.
    await vi.waitFor(() => expect(spawnSync('pgrep', ['-f', `conmon.*${folder}`]).status).toBe(1), {
      timeout: 20_000,
      interval: 200,
    });
  });

  it_(`leaves nothing running${also}`, async () => {
    const line = `sleep ${seconds(9)}`;
    const project = script(environment, `${line} & echo 1 > {outputs.made}`);
    expect(await project.run([], { env })).toMatchObject({ code: 0 });
    await noneIsLeft(line);
  });
});
