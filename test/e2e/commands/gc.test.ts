import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf } from '../../engine/store/fixtures.ts';
import { type Project, projectOf } from '../support/project.ts';
import { hasTmux, Terminal } from '../support/terminal.ts';

/** A stage that repeats a letter; what it gives is published. */
function lettersProject(options: readonly string[] = []): Project {
  return projectOf(
    {
      'pipeline.yaml': `version: 1
name: letters
params: {letter: a}
profiles: {quick: {default: true}, paper: {params: {letter: p}}}
stages:
  repeat: {run: stages/repeat.ts, params: {letter: "\${letter}"}, outputs: {text: json}}
  twice: {run: stages/twice.ts, inputs: {text: repeat.text}, outputs: {text: json}}
targets:
  text: {files: {text.json: twice.text}}
`,
      'stages/repeat.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
export default defineStage({
  params: v.strictObject({ letter: v.string() }),
  inputs: {},
  outputs: { text: json<string>() },
  run: async ({ params }) => ({ text: params.letter.repeat(1000) }),
});
`,
      'stages/twice.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';
export default defineStage({
  params: v.strictObject({}),
  inputs: { text: one(json<string>()) },
  outputs: { text: json<string>() },
  run: async ({ inputs }) => ({ text: inputs.text + inputs.text }),
});
`,
    },
    options,
  );
}

/** How many of the two nodes are up to date under some settings. */
async function upToDate(project: Project, args: readonly string[]): Promise<number> {
  const states = await project.json<readonly { state: string }[]>(['status', ...args]);
  return states.filter(({ state }) => state === 'current').length;
}

async function runAll(project: Project, settings: readonly (readonly string[])[]): Promise<void> {
  for (const args of settings) expect((await project.run(args)).code).toBe(0);
}

const GC = ['cache', 'gc', '--keep-runs', '1'];

describe('cache gc', () => {
  it('keeps what other profiles, --set and projects that share the cache completed last, and no more of them', async () => {
    const project = lettersProject();
    const neighbour = lettersProject(['--cache', project.path('cache'), '--set', 'letter=n']);
    await runAll(project, [
      ['--set', 'letter=x'],
      ['--set', 'letter=y'],
      ['--profile', 'paper'],
    ]);
    await runAll(neighbour, [[]]);
    neighbour.edit('stages/repeat.ts', '1000', '1001');
    await runAll(neighbour, [[]]);
    await runAll(project, [[], []]);
    expect((await project.execute(GC)).code).toBe(0);
    for (const args of [[], ['--set', 'letter=x'], ['--set', 'letter=y'], ['--profile', 'paper']]) {
      expect(await upToDate(project, args)).toBe(2);
    }
    expect(await upToDate(neighbour, [])).toBe(2);
    neighbour.edit('stages/repeat.ts', '1001', '1000');
    expect(await upToDate(neighbour, [])).toBe(0);

    expect((await project.execute([...GC, '--no-keep-others'])).code).toBe(0);
    expect(await upToDate(project, ['--set', 'letter=x'])).toBe(0);
    expect(await upToDate(project, [])).toBe(2);
  });

  it('keeps what is pinned, records and published bytes, until it is unpinned', async () => {
    const project = lettersProject();
    await runAll(project, [[]]);
    expect(await project.execute(['cache', 'pin', 'last', '--name', 'first'])).toMatchObject({ code: 0, stderr: '' });
    project.edit('stages/repeat.ts', '1000', '1001');
    const stale = await project.execute(['cache', 'pin', 'text']);
    expect(stale).toMatchObject({ code: 2, stdout: '' });
    expect(stale.stderr).toContain('text is not up to date: repeat has to run');
    await runAll(project, [[]]);
    expect((await project.execute(['cache', 'pin', 'text'])).stdout).toMatch(/^pinned text: 2 records, and 2\.0 kB/);
    project.edit('stages/repeat.ts', '1001', '1002');
    await runAll(project, [[]]);

    expect((await project.execute(['cache', 'gc', '--keep-runs', '0', '--max-size', '1B'])).code).toBe(0);
    const pins = await project.json<readonly { name: string; records: number; bytes: number }[]>(['cache', 'pins']);
    expect(pins).toMatchObject([
      { name: 'first', of: { kind: 'run' }, records: 2, bytes: 2003 },
      { name: 'text', of: { kind: 'target', target: 'text' }, records: 2, bytes: 2005 },
    ]);
    project.edit('stages/repeat.ts', '1002', '1000');
    expect(await upToDate(project, [])).toBe(2);
    expect((await project.execute(['cache', 'get', 'twice.text'])).code).toBe(0);
    expect(existsSync(project.path('twice.text.json'))).toBe(true);

    expect((await project.execute(['cache', 'unpin', 'frist'])).stderr).toContain('did you mean "first"');
    expect((await project.execute(['cache', 'unpin', 'first'])).code).toBe(0);
    project.edit('stages/repeat.ts', '1000', '1002');
    expect((await project.execute(['cache', 'gc', '--keep-runs', '0'])).code).toBe(0);
    project.edit('stages/repeat.ts', '1002', '1000');
    expect(await upToDate(project, [])).toBe(0);
    project.edit('stages/repeat.ts', '1000', '1001');
    expect(await upToDate(project, [])).toBe(2);
  });

  it('asks before it removes more than an hour of work, and without a terminal names --yes', async () => {
    const project = lettersProject();
    await runAll(project, [[]]);
    await addOldWork(project, [2000, 1700]);
    const refused = await project.execute(['cache', 'gc']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^this removes results that took 1 h .* to compute\n {2}fix: .*--dry-run.*--yes/);
    expect(await project.recorded()).toEqual(['old/0', 'old/1', 'repeat', 'twice']);
    expect((await project.execute(['cache', 'gc', '--dry-run'])).code).toBe(0);
    expect((await project.execute(['cache', 'gc', '--yes'])).code).toBe(0);
    expect(await project.recorded()).toEqual(['repeat', 'twice']);
    await addOldWork(project, [3599]);
    expect((await project.execute(['cache', 'gc'])).code).toBe(0);
    expect(await project.recorded()).toEqual(['repeat', 'twice']);
  });

  it.runIf(hasTmux())('takes only yes for an answer', { timeout: 120_000 }, async () => {
    const project = lettersProject();
    await runAll(project, [[]]);
    await addOldWork(project, [4000]);
    const asked = (lines: readonly string[]) => lines.join(' ').includes('Go on? [y/N]');
    const ended = (lines: readonly string[]) => lines.some((line) => line.startsWith('exit code'));
    const no = new Terminal('no', project.directory, 120, 10, ['cache', 'gc']);
    await no.until(asked);
    no.press('Enter');
    expect((await no.until(ended)).join('\n')).toContain('nothing was removed\nexit code 1');
    const yes = new Terminal('yes', project.directory, 120, 10, ['cache', 'gc']);
    await yes.until(asked);
    yes.press('y');
    yes.press('Enter');
    expect((await yes.until(ended)).join('\n')).toContain('exit code 0');
    expect(await project.recorded()).toEqual(['repeat', 'twice']);
  });
});

/** Records that nothing leads to, each of so many seconds. */
async function addOldWork(project: Project, seconds: readonly number[]): Promise<void> {
  const store = openStore(project.path('cache'));
  onTestFinished(() => store.close());
  for (const [index, each] of seconds.entries()) {
    const { record, artefacts } = commitOf(`old/${index}`, { out: new Uint8Array(10) });
    await store.commit({ record: { ...record, seconds: each }, artefacts });
  }
}
