import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, RunManifest } from '../../../src/engine/store/run-manifest.ts';
import type { RunRecord } from '../../../src/engine/store/store.ts';
import type { ChromeTrace } from '../../../src/engine/views/runs/chrome-trace.ts';
import { chainNodes, chainsProject } from '../support/chains.ts';
import type { Project } from '../support/project.ts';

let project: Project;
let commit: string;

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: project.directory, encoding: 'utf8' }).trim();
}

/** The output of a command that has to succeed without a word on standard error. */
async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.execute(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Three runs: of everything; of nothing; and, with another param and another line of code, of the steps. */
beforeAll(async () => {
  project = chainsProject(2, 2, 0);
  project.write('.gitignore', 'node_modules\ncache\nresults\n');
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'first');
  commit = git('rev-parse', 'HEAD');
  expect((await project.run()).code).toBe(0);
  expect((await project.run()).code).toBe(0);
  project.edit('shared/arithmetic.ts', 'state * 48271', 'state * 16807');
});

describe('before a run after an edit', () => {
  it('a dry run names the declaration that changed', async () => {
    const text = await output('run', '--dry-run', '--jobs', '2', '--set', 'milliseconds=1');
    expect(text.replace(/about [\d.]+ s/g, 'about TIME').replace(/ {2,}/g, '  ')).toBe(
      [
        'step  4 nodes  about TIME  code changed: shared/arithmetic.ts › next',
        'total  1 node  about TIME  only if step gives other bytes',
        '2 to run, 3 depend on those, 2 up to date',
        'about TIME with 2 workers, if all of them run',
        '',
      ].join('\n'),
    );
  });

  it('explain shows the rule, the declaration, and with --diff the lines', async () => {
    const text = await output('explain', 'step/1/1', '--diff');
    expect(text.split('\n')).toEqual([
      'step/1/1 will run: code changed: shared/arithmetic.ts › next',
      '  ·  was its stage named by --force? no',
      '  ·  is there a result under its key? no',
      '  ·  was there a result with damaged bytes? no',
      expect.stringContaining('has it run before? yes, at '),
      '  ·  has it ever finished? yes',
      expect.stringContaining('is that record still in the cache? yes, under the key '),
      '  ✗  is its code the same? code changed: shared/arithmetic.ts › next',
      expect.stringMatching(/^ {2}key [0-9a-f]{12}, code [0-9a-f]{12}$/),
      '',
      '--- a/shared/arithmetic.ts',
      '+++ b/shared/arithmetic.ts',
      '@@ -1,3 +1,3 @@',
      ' function next(state) {',
      '-  return state * 48271 % 2147483647;',
      '+  return state * 16807 % 2147483647;',
      ' }',
      '',
    ]);
    expect((await output('explain', 'step/2/2')).split('\n')[0]).toBe(
      'step/2/2 will run once step/2/1 has: code changed: shared/arithmetic.ts › next',
    );
    expect(await project.json(['explain', 'step/1/1'])).toMatchObject([
      { node: 'step/1/1', code: { declarations: [{ file: 'shared/arithmetic.ts', name: 'next', change: 'changed' }] } },
    ]);
  });

  it('explain tells of a finished node how it was made', async () => {
    const lines = (await output('explain', 'start/1')).split('\n').slice(4, 6);
    expect(lines[0]).toMatch(/^ {2}made \d{4}-\S+Z on \S+ in 0\.\d\d s, by run \d{8}T\d{9}-[0-9a-f]{6}$/);
    expect(lines[1]).toMatch(/^ {2}state: json, 5 B, [0-9a-f]{12}$/);
  });
});

describe('history', () => {
  beforeAll(async () => {
    expect((await project.run(['--set', 'milliseconds=1', '--target', 'step/1/*'])).summary).toMatchObject({
      executed: 2,
    });
    expect((await project.run(['--set', 'milliseconds=1'])).code).toBe(0);
  });

  it('lists runs, newest first', async () => {
    const lines = (await output('history')).trimEnd().split('\n');
    expect(lines[0]?.split(/ {2,}/)).toEqual(['run', 'state', 'executed', 'took', 'code', 'asked for']);
    const short = commit.slice(0, 7);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).toSpliced(3, 1).slice(1))).toEqual([
      ['done', '3', `${short}+`, 'default targets --set milliseconds=1'],
      ['done', '2', `${short}+`, 'step/1/* --set milliseconds=1'],
      ['done', '0', '–', 'default targets'],
      ['done', '7', short, 'default targets'],
    ]);
    const [last] = await project.json<readonly RunRecord[]>(['history', '--limit', '1']);
    expect(last).toMatchObject({
      state: 'done',
      overrides: ['milliseconds=1'],
      revision: { commit, dirty: true },
      root: project.directory,
    });
  });

  it('shows what a run did, by stage', async () => {
    const text = await output('history', 'show', 'last~3');
    expect(text).toMatch(/^took {7}[\d.]+ s with \d+ workers?$/m);
    expect(text).toContain('nodes      7 executed, 0 up to date, 0 cut off, 0 failed, 0 not run\n');
    expect(text).toContain(`code       ${commit}\n`);
    expect(text).toMatch(/^step +4 +4 +0 +0 +0 +0 +[\d.]+ s +[\d.]+ s$/m);
  });

  it('draws a run as a Chrome trace', async () => {
    const { traceEvents } = JSON.parse(await output('history', 'trace', 'last~3')) as ChromeTrace;
    const slices = traceEvents.filter(({ ph }) => ph === 'X');
    expect(slices.map(({ name }) => name).sort()).toEqual(chainNodes(2, 2));
    // Slices on one track follow one another, or viewers draw them wrongly.
    for (const worker of new Set(slices.map(({ tid }) => tid))) {
      const own = slices.filter(({ tid }) => tid === worker).sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0));
      own.slice(1).forEach((slice, index) => {
        expect(slice.ts).toBeGreaterThanOrEqual((own[index]?.ts ?? 0) + (own[index]?.dur ?? 0));
      });
    }
    // start → step/1 → step/2 of two chains, and the total of four steps.
    expect(traceEvents.filter(({ ph }) => ph === 's').length).toBe(8);
  });
});

describe('diff', () => {
  it('shows params, code, artefacts and numbers', async () => {
    const text = await output('diff', 'last~3', 'last');
    expect(
      text
        .split('\n')
        .slice(2)
        .map((line) => line.replace(/ {2,}/g, '  ')),
    ).toEqual([
      '',
      'params',
      '  milliseconds  0 → 1',
      '',
      'code',
      '  step  shared/arithmetic.ts › next',
      '',
      'artefacts',
      '  stage  same  other bytes',
      '  start  2  0',
      '  step  0  4',
      '  total  0  1',
      '  step/1/1  other bytes',
      '  step/1/2  other bytes',
      '  step/2/1  other bytes',
      '  step/2/2  other bytes',
      '  total  other bytes',
      '',
      'numbers',
      '  node  number  old  new  change',
      '  step/1/1  state  48271000  16807000  -65.2 %',
      expect.stringMatching(/^ {2}step\/1\/2 {2}state {2}\d+ {2}\d+ {2}\+1560 %$/),
      '  step/2/1  state  96542000  33614000  -65.2 %',
      expect.stringMatching(/^ {2}step\/2\/2 {2}state /),
      expect.stringMatching(/^ {2}total {2}total /),
      '',
    ]);
    expect(await output('diff', 'last', 'last')).toMatch(
      /\n\nparams: the same\n\ncode: the same\n\nartefacts: the same\n\nnumbers: the same\n$/,
    );
  });

  it.each([
    [
      ['diff', 'last', 'last~9'],
      'there is no run "last~9": this cache remembers 4\n  fix: the oldest is last~3; see "vmfdag history"\n',
    ],
    [
      ['history', 'show', 'nonsense'],
      'there is no run "nonsense"\n  fix: name one of "vmfdag history", or write last, last~1, …\n',
    ],
  ])('says what is wrong with %j', async (args, message) => {
    expect(await project.execute(args)).toMatchObject({ code: 2, stdout: '', stderr: message });
  });

  it('has nothing to draw of a run that executed nothing', async () => {
    const { code, stderr } = await project.execute(['history', 'trace', 'last~2']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^run \S+ executed nothing that could be drawn\n {2}fix: choose a run of "vmfdag history" that executed nodes\n$/,
    );
  });
});

describe('explain', () => {
  it('follows a changed input up to its root', async () => {
    // A third line of code; of what it gives, the total is not made yet.
    project.edit('shared/arithmetic.ts', 'state * 16807', 'state * 69621');
    expect((await project.run(['--target', 'step'])).summary).toMatchObject({ executed: 4 });
    const text = await output('explain', 'total');
    expect(text).toMatch(/^total will run: inputs: states: 4 of 4 items changed\n/);
    expect(text).toContain(
      '  because states comes from step/1/1, which gave other bytes: code changed: shared/arithmetic.ts › next\n',
    );
    project.edit('shared/arithmetic.ts', 'state * 69621', 'state * 16807');
  });
});

describe('a run that is killed', () => {
  it('is shown as killed, with the nodes that it finished', async () => {
    const slow = chainsProject(1, 40, 400);
    const running = slow.start(['run', '--json', '--jobs', '1']);
    const finished = () => running.events().filter(({ type }) => type === 'finished').length;
    expect(await running.until(() => finished() >= 16)).toBe(true);
    running.signal('SIGKILL');
    await running.ended;
    const [killed] = await slow.json<readonly RunRecord[]>(['history']);
    expect(killed).toMatchObject({ state: 'killed', counts: {} });
    expect((await slow.execute(['report', '--output', 'page.html'])).code).toBe(0);
    expect(slow.read('page.html')).toMatch(/busy for \d+ % of the time, killed/);
    const shown = await slow.json<{ manifest: RunManifest; journal: readonly Attempt[] }>(['history', 'show', 'last']);
    // The last second may be missing.
    expect(shown.journal.length).toBeGreaterThan(0);
    const executed = shown.manifest.nodes.filter(({ outcome }) => outcome === 'executed').map(({ node }) => node);
    expect(shown.journal.map(({ node }) => shown.manifest.nodes[node]?.node).sort()).toEqual([...executed].sort());
    expect(chainNodes(1, 40)).toEqual(shown.manifest.nodes.map(({ node }) => node as string).sort());
    const { traceEvents } = JSON.parse((await slow.execute(['history', 'trace', 'last'])).stdout) as ChromeTrace;
    expect(traceEvents.filter(({ ph }) => ph === 'X').length).toBe(shown.journal.length);
  });
});
