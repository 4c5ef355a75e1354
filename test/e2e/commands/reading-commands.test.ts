import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainNodes, chainsProject } from '../support/chains.ts';
import type { Project } from '../support/project.ts';
import { vmfdag } from '../support/repository.ts';

let project: Project;

beforeAll(async () => {
  project = chainsProject(2, 3, 0);
  expect((await project.run()).code).toBe(0);
});

/** The output of a command that has to succeed without a word on standard error. */
async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.execute(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('status', () => {
  it('counts by stage', async () => {
    expect(await output('status', '--set', 'steps=4')).toMatch(
      /^stage +nodes +up to date +stale +waiting +time stored\nstart +2 +2 +0 +0 +\d.*\nstep +8 +6 +2 +0 +\d.*\ntotal +1 +0 +0 +1 +0\.00 s\n$/,
    );
  });

  it('has every node in its JSON', async () => {
    const states = await project.json<readonly { node: string; state: string }[]>(['status', '--set', 'chains=[1, 3]']);
    const inState = (wanted: string) => states.filter(({ state }) => state === wanted).map(({ node }) => node);
    expect(inState('current')).toEqual(['start/1', 'step/1/1', 'step/1/2', 'step/1/3']);
    expect(inState('stale')).toEqual(['start/3']);
    expect(inState('waiting')).toEqual(['step/3/1', 'step/3/2', 'step/3/3', 'total']);
  });
});

describe('explain', () => {
  it('walks down the rules to the one that decides', async () => {
    expect((await output('explain', 'step/1/2')).split('\n').slice(0, 3)).toEqual([
      'step/1/2 is up to date',
      '  ·  was its stage named by --force? no',
      '  ✓  is there a result under its key? yes',
    ]);
    const text = await output('explain', 'step/1/1', '--set', 'milliseconds=7');
    expect(text.split('\n').slice(0, 10)).toEqual([
      'step/1/1 will run: params: milliseconds 0 → 7',
      '  ·  was its stage named by --force? no',
      '  ·  is there a result under its key? no',
      '  ·  was there a result with damaged bytes? no',
      expect.stringMatching(/^ {2}· {2}has it run before\? yes, at 20\S+Z in run \S+$/),
      '  ·  has it ever finished? yes',
      expect.stringMatching(/^ {2}· {2}is that record still in the cache\? yes, under the key [0-9a-f]{12}$/),
      expect.stringMatching(/^ {2}· {2}is its code the same\? yes, [0-9a-f]{12}$/),
      '  ✗  are its params the same? params: milliseconds 0 → 7',
      expect.stringMatching(/^ {2}key [0-9a-f]{12}, code [0-9a-f]{12}$/),
    ]);
  });

  it('finds the root cause of a waiting node', async () => {
    const [first, second] = (await output('explain', 'total', '--set', 'milliseconds=7')).split('\n');
    expect(first).toBe(
      'total waits for step/1/1: if that gives the same bytes as before, nothing downstream of it runs',
    );
    expect(second).toBe('step/1/1 will run: params: milliseconds 0 → 7');
  });

  it('tells the rules in its JSON', async () => {
    const [explained] = await project.json<readonly { rules: readonly { name: string; decides: boolean }[] }[]>([
      'explain',
      'total',
    ]);
    expect(explained).toMatchObject({ node: 'total', state: 'current' });
    expect(explained?.rules).toEqual([
      { name: 'forced', decides: false, found: 'no' },
      { name: 'recorded', decides: true },
    ]);
  });
});

describe('graph', () => {
  it('draws stages with what is up to date', async () => {
    expect(await output('graph', '--set', 'steps=4')).toBe(
      [
        'flowchart LR',
        '  n0["start × 2<br>2 up to date"]:::current',
        '  n1["step × 8<br>6 up to date, 2 stale"]:::stale',
        '  n2["total × 1<br>waiting"]:::waiting',
        '  n0 -->|"state"| n1',
        '  n1 -->|"state"| n1',
        '  n1 -->|"state"| n2',
        '  classDef current fill:#e3eefa,stroke:#2b6cb0,color:#1a1a1a',
        '  classDef stale fill:#fde8d0,stroke:#b45309,color:#1a1a1a',
        '  classDef waiting fill:#f1f1f1,stroke:#6b7280,color:#1a1a1a',
        '',
      ].join('\n'),
    );
  });

  it('draws nodes, of some stages or of all', async () => {
    const expanded = await output('graph', '--format', 'dot', '--expand', '--no-states');
    for (const node of chainNodes(2, 3)) expect(expanded).toContain(`  "${node}" [label="${node}", `);
    expect(expanded).toMatch(/^digraph pipeline \{\n[\s\S]*\}\n$/);
    expect(expanded).toContain('  "step/2/2" -> "step/2/3" [label="state"];\n');
    const some = await project.json<{ vertices: readonly { name: string }[] }>([
      'graph',
      '--expand',
      'start',
      '--expand',
      'total',
    ]);
    expect(some.vertices.map(({ name }) => name)).toEqual(['start/1', 'start/2', 'step', 'total']);
    expect(await project.execute(['graph', '--expand', 'stpe'])).toMatchObject({
      code: 2,
      stderr: '--expand stpe: no stage of that name is part of this graph\n  fix: did you mean "step"?\n',
    });
  });

  it('writes a complete HTML page', async () => {
    const page = await output('graph', '--format', 'html');
    expect(page).toMatch(
      /^<!doctype html>[\s\S]*<title>chains<\/title>[\s\S]*<svg [\s\S]*<title>step<\/title>[\s\S]*<\/html>\n\n$/,
    );
    expect(page).toContain('<td>step × 6</td><td>step</td><td>6</td><td>6 up to date</td>');
  });
});

describe('cache', () => {
  it('ls lists records, of all nodes or of those whose name holds a text', async () => {
    const lines = (await output('cache', 'ls', 'step/2')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^made +key +node +took +size$/);
    expect(lines.slice(1, -1).map((line) => line.split(/ +/)[2])).toEqual(['step/2/1', 'step/2/2', 'step/2/3']);
    expect(lines.at(-1)).toBe('3 records');
    expect(await project.recorded()).toEqual(chainNodes(2, 3));
  });

  it('stat counts', async () => {
    const text = await output('cache', 'stat');
    expect(text).toMatch(/^step +6 +6 +0 +\d+ B +\d\.\d\d s$/m);
    expect(text).toMatch(/^9 artefacts, 9 records, \d runs?, \d+\.\d kB on disk$/m);
    expect(await project.json(['cache', 'stat'])).toMatchObject({
      artefacts: 9,
      records: 9,
      stages: { start: { records: 2 }, step: { records: 6 }, total: { records: 1 } },
    });
  });

  it('show has all that is known of how a node was made', async () => {
    expect(JSON.parse(await output('cache', 'show', 'step/2/3'))).toMatchObject({
      node: 'step/2/3',
      stage: 'step',
      params: { milliseconds: 0 },
      coordinates: { chain: 2, step: 3 },
      inputs: { state: { kind: 'one', digest: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      outputs: { state: { type: 'json', digest: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      compute: null,
      attempt: 1,
    });
  });

  it('get writes an artefact, named after its node unless told otherwise', async () => {
    const target = project.path('out/of/the/way.json');
    expect(await output('cache', 'get', 'step/1/1.state', target)).toMatch(/^.*way\.json {2}\d+ B {2}[0-9a-f]{12}\n$/);
    expect(JSON.parse(readFileSync(target, 'utf8'))).toBe(48271 * 1000);
    await output('cache', 'get', 'step/1/1.state');
    expect(project.read('step-1-1.state.json')).toBe(readFileSync(target, 'utf8'));
  });
});

describe('doctor', () => {
  it('finds this project in order', async () => {
    const text = await output('doctor');
    expect(text).toMatch(/^✓ machine: Node \d+\.\d+\.\d+, /);
    expect(text).toContain('✓ pipeline: pipeline.yaml: 3 stages\n');
    expect(text).toMatch(/^✓ cache: .*: \d+ artefacts, \d+\.\d kB$/m);
  });

  it('ends with 1 when something is broken, and says what', async () => {
    project.write('bad.yaml', 'version: 2\nname: bad\n');
    const { code, stdout, stderr } = await project.execute(['doctor', '--file', 'bad.yaml', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const findings = JSON.parse(stdout) as readonly { what: string; state: string; detail: string }[];
    expect(findings.find(({ what }) => what === 'pipeline')).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining('bad.yaml:1:'),
    });
  });
});

describe('backends', () => {
  it('lists them all, with what is there and how to get the others', async () => {
    const provided = `compute: {provider: tfjs-backend-onednn}\n${project.read('pipeline.yaml')}`;
    project.write('provided.yaml', provided);
    const text = await output('backends', '--file', 'provided.yaml');
    expect(text).toMatch(/^backend +state +version, or how to get it\n/);
    expect(text).toMatch(/^cpu +available +\S+/m);
    const listed = await project.json<readonly { name: string; kind: string }[]>([
      'backends',
      '--file',
      'provided.yaml',
    ]);
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['onednn', 'wasm', 'cpu', 'webgpu']));
    for (const { name } of listed) expect(text).toMatch(new RegExp(`^${name} +(available|missing) +\\S`, 'm'));
  });
});

it('backends tells that a pipeline names no provider', async () => {
  expect(await output('backends')).toBe('pipeline.yaml names no compute provider: its stages do not compute\n');
  expect(await project.json(['backends'])).toEqual([]);
});

describe('a reader that closes the pipe early', () => {
  it.each(['cache ls --json', 'graph --expand', 'status --json', 'explain step/*/* --json'])(
    'is no error of %s',
    async (command) => {
      const child = spawn(process.execPath, [vmfdag, ...command.split(' ')], {
        cwd: project.directory,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdout.destroy();
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  it('may be `head`', () => {
    const command = `"${process.execPath}" "${vmfdag}" cache ls | head -1; echo "\${PIPESTATUS[@]}"`;
    const stdout = execFileSync('bash', ['-c', command], { cwd: project.directory, encoding: 'utf8' });
    expect(stdout).toMatch(/^made +key +node +took +size\n0 0\n$/);
  });
});
