import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainNodes, chainsProject } from '../support/chains.ts';
import { gateProject } from '../support/gate.ts';
import type { Project } from '../support/project.ts';
import { engine } from '../support/repository.ts';

/** Runs a program of the project that imports `vmfdag` as an installed package, and parses what it prints. */
async function program<T>(project: Project, text: string): Promise<T> {
  project.write('program.mjs', text);
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: project.directory });
  return JSON.parse(stdout) as T;
}

describe('the library', () => {
  let project: Project;

  beforeAll(() => {
    project = chainsProject(2, 2, 0);
  });

  it('plans, runs, tells what happens, and hands out artefacts', async () => {
    const result = await program(
      project,
      `import { artefact, json, loadPipeline, plan, run } from 'vmfdag';
const project = await loadPipeline('pipeline.yaml', { set: { steps: 3, chains: [1, 2] } });
const before = await plan(project);
const events = [];
const { summary, files, id } = await run(project, { jobs: 2, onEvent: (event) => events.push(event) });
const after = await plan(project, { targets: ['step/2'], force: ['start'] });
console.log(JSON.stringify({
  before: before.states.map(({ node, state }) => [node.id, state]),
  types: [...new Set(events.map(({ type }) => type))],
  last: events.at(-1) === summary || JSON.stringify(events.at(-1)) === JSON.stringify(summary),
  summary, files, id,
  after: after.states.map(({ node, state }) => [node.id, state]),
  total: json().decode(await artefact(project, 'total', 'total')),
}));
`,
    );
    const next = (state: number) => (state * 48271) % 2147483647;
    const chain = (start: number) => [next(start), next(next(start)), next(next(next(start)))];
    const total = [1000, 2000].flatMap(chain).reduce((sum, value) => sum + value, 0);
    expect(result).toMatchObject({
      types: ['planned', 'started', 'finished', 'summary'],
      last: true,
      summary: { outcome: 'done', executed: chainNodes(2, 3).length },
      files: [expect.stringMatching(/results\/total\.json$/)],
      id: expect.stringMatching(/^\d{8}T\d{9}-[0-9a-f]{6}$/),
      total,
    });
    const { before, after } = result as Record<'before' | 'after', readonly (readonly [string, string])[]>;
    expect(before.map(([node]) => node).sort()).toEqual(chainNodes(2, 3));
    expect(Object.fromEntries(before)).toMatchObject({ 'start/1': 'stale', 'step/1/1': 'waiting', total: 'waiting' });
    expect(after).toEqual([
      ['start/2', 'stale'],
      ['step/2/1', 'waiting'],
      ['step/2/2', 'waiting'],
      ['step/2/3', 'waiting'],
    ]);
  });

  it('tells mistakes as failures with their place', async () => {
    const attempts = [
      "loadPipeline('missing.yaml')",
      "loadPipeline('pipeline.yaml', { set: { stepz: 3 } })",
      "loadPipeline().then((project) => plan(project, { targets: ['stp'] }))",
      "loadPipeline().then((project) => artefact(project, 'step/1/1', 'stat'))",
      "loadPipeline().then((project) => artefact(project, 'step', 'state'))",
      "loadPipeline('pipeline.yaml', { cache: 'empty' }).then((project) => artefact(project, 'total', 'total'))",
    ];
    const failures = await program(
      project,
      `import { artefact, Failure, loadPipeline, plan } from 'vmfdag';
const told = (error) => ({ failure: error instanceof Failure, kind: error.kind, message: error.message });
console.log(JSON.stringify([
${attempts.map((attempt) => `  await ${attempt}.then(() => 'no failure', told),`).join('\n')}
]));
`,
    );
    const usage = (message: string) => ({ failure: true, kind: 'usage', message });
    expect(failures).toEqual([
      usage(
        'there is no file missing.yaml here\n  fix: go to the folder of the pipeline, or name its file with --file PATH',
      ),
      usage('set stepz=3: there is no param "stepz"\n  fix: did you mean "steps"?'),
      usage('there is no target or stage "stp"\n  fix: did you mean "step"?'),
      usage('step/1/1 has no output "stat"\n  fix: did you mean "state"?'),
      usage('"step" is more than one node\n  fix: name one of them, for example step/1/1'),
      usage('total is not up to date in the cache\n  fix: run it first'),
    ]);
  });

  it('runs one after the other on one cache, in one process too', async () => {
    const outcome = await program(
      project,
      `import { loadPipeline, run } from 'vmfdag';
const project = await loadPipeline('pipeline.yaml', { cache: 'shared', set: { milliseconds: 40 } });
const waited = [];
const both = await Promise.all([1, 2].map((number) => run(project, { onWaiting: ({ pid }) => waited.push([number, pid === process.pid]) })));
const refused = await Promise.all([run(project, { force: ['start'] }), run(project, { wait: false }).catch((error) => error.message)]);
console.log(JSON.stringify({ waited, executed: both.map(({ summary }) => summary.executed).sort(), refused: refused[1] }));
`,
    );
    expect(outcome).toMatchObject({
      waited: [[expect.any(Number), true]],
      executed: [0, 7],
      refused: expect.stringMatching(
        /^another run uses this cache: process \d+, since [^,]+, "[^"]+"\n {2}fix: wait for it, or give this one a cache of its own with --cache DIR$/,
      ),
    });
  });

  it('stops when it is told to', async () => {
    const gated = gateProject(3);
    const summaries = await program(
      gated,
      `import { existsSync, writeFileSync } from 'node:fs';
import { loadPipeline, run } from 'vmfdag';
const project = await loadPipeline();
const kill = new AbortController();
const started = (count) => { let seen = 0; return (event, then) => { if (event.type === 'started' && ++seen === count) then(); }; };
const one = started(1);
const killed = await run(project, { jobs: 1, kill: kill.signal, onEvent: (event) => one(event, () => kill.abort()) });
const stop = new AbortController();
const again = started(1);
const stopped = await run(project, { jobs: 1, stop: stop.signal, onEvent: (event) => again(event, () => { stop.abort(); writeFileSync('gate', ''); }) });
console.log(JSON.stringify([killed.summary, stopped.summary]));
`,
    );
    expect(summaries).toMatchObject([
      { outcome: 'interrupted', executed: 0 },
      { outcome: 'interrupted', executed: 1, skipped: 2 },
    ]);
  });

  it('starts nothing if it was stopped before', async () => {
    const types = await program(
      chainsProject(1, 2, 0),
      `import { loadPipeline, run } from 'vmfdag';
const told = [];
const onEvent = (event) => told.push(event.type === 'summary' ? event.outcome : event.type);
for (const signal of ['stop', 'kill']) await run(await loadPipeline(), { [signal]: AbortSignal.abort(), onEvent });
console.log(JSON.stringify(told));
`,
    );
    expect(types).toEqual(['planned', 'stopping', 'interrupted', 'planned', 'stopping', 'interrupted']);
  });

  it('is not loaded by a stage that imports vmfdag', () => {
    for (const entry of ['index', 'stage']) {
      const text = readFileSync(`${engine}/dist/${entry}.js`, 'utf8');
      const eager = [...text.matchAll(/^} from "(.+)";$/gm)].map(([, path]) => path);
      const packages = eager
        .flatMap((path) => (path?.startsWith('../') ? [readFileSync(`${engine}/dist/${path}`, 'utf8')] : [path]))
        .join('\n');
      for (const heavy of ['"yaml"', '"lmdb"', '"p-queue"', '"esbuild"']) expect(packages).not.toContain(heavy);
    }
  });
});
