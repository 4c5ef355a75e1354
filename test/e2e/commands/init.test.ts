import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute, reportOf } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { Project } from '../support/project.ts';

describe('init', () => {
  it('makes a project that runs at once, without installing anything', async () => {
    const folder = temporaryFolder();
    expect(await execute(folder, ['init', 'Dice game'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: "cd 'Dice game'\nnpx vmfdag run\n",
    });
    const project = new Project(join(folder, 'Dice game'));
    expect(project.read('pipeline.yaml')).toContain('\nname: dice-game\n');
    expect(project.read('README.md')).toMatch(/^# dice-game\n/);
    expect(project.read('.gitignore')).toBe('node_modules/\ncache/\nresults/\n');
    expect(JSON.parse(project.read('package.json'))).toMatchObject({
      name: 'dice-game',
      type: 'module',
      dependencies: { vmfdag: expect.stringMatching(/^file:/) },
    });
    expect(await project.run()).toMatchObject({
      code: 0,
      stderr: '',
      finished: ['summarise', 'throw/1', 'throw/2', 'throw/3'],
    });
    expect(project.read('results/quick/summary.md')).toMatch(
      /^\| seed \| throws \| mean \|\n\|---\|---\|---\|\n(\| [123] \| 1000 \| 3\.\d{3} ± 0\.05\d \|\n){3}$/,
    );
    expect(await project.run(['--set', 'seeds=[1, 2, 3, 4]'])).toMatchObject({ started: ['summarise', 'throw/4'] });
  });

  it.each([
    ['digits étude', 'digits-etude'],
    ['Größe', 'gro-e'],
    ['2026 Überblick', 'uberblick'],
    ['実験', 'experiment'],
  ])('gives the folder %s a name that pipeline.yaml and npm accept: %s', async (folder, name) => {
    const made = await execute(temporaryFolder(), ['init', folder, '--python', '--json']);
    expect(JSON.parse(made.stdout)).toMatchObject({ name });
  });

  it('uses packages that are there already, and a folder with nothing but a repository', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.git'));
    expect(await execute(folder, ['init'])).toMatchObject({ code: 0, stdout: 'npx vmfdag run\n' });
    mkdirSync(join(folder, 'inner'));
    expect(await execute(join(folder, 'inner'), ['init', '.'])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'inner/node_modules'))).toBe(false);
    expect(reportOf(await execute(join(folder, 'inner'), ['run', '--json']))).toMatchObject({ code: 0, stderr: '' });
  });

  it('makes a project of Python programs that needs Python and nothing else', async () => {
    const folder = temporaryFolder();
    expect(await execute(folder, ['init', 'fit', '--python'])).toMatchObject({ code: 0, stderr: '' });
    const project = new Project(join(folder, 'fit'));
    expect(JSON.parse(project.read('package.json'))).toEqual({
      name: 'fit',
      private: true,
      dependencies: { vmfdag: expect.stringMatching(/^file:/) },
    });
    expect(existsSync(project.path('node_modules/valibot'))).toBe(false);
    // A folder of its own for packages: with those of the user, it would prove nothing.
    const first = await project.run(['--set', 'epochs=3'], { env: { PYTHONNOUSERSITE: '1' } });
    expect(first).toMatchObject({ code: 0, stderr: '', summary: { executed: 3 + 1 + 9 + 12 + 1 } });
    expect(project.read('results/losses.csv').trimEnd().split(/\r?\n/)).toHaveLength(1 + 12);
    const losses = [...project.read('results/losses.md').matchAll(/^\| \d \| ([\d.]+)/gm)].map(([, loss]) =>
      Number(loss),
    );
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses).toHaveLength(4);

    const longer = await project.run(['--set', 'epochs=4']);
    const added = ['measure/1/4', 'measure/2/4', 'measure/3/4', 'table', 'train/1/4', 'train/2/4', 'train/3/4'];
    expect(longer.started).toEqual(added);
    project.edit('table.py', 'loss |"', 'mean loss |"');
    expect((await project.run(['--set', 'epochs=4'])).started).toEqual(['table']);
  });

  it('says what the figure of a Python project needs, or draws it', async () => {
    const folder = temporaryFolder();
    await execute(folder, ['init', '--python']);
    const project = new Project(folder);
    const { code, stdout } = await project.execute(['run', 'figure', '--set', 'epochs=1', '--set', 'seeds=[1]']);
    const isThere = spawnSync('python3', ['-c', 'import matplotlib']).status === 0;
    expect(code).toBe(isThere ? 0 : 1);
    if (isThere) expect(project.read('results/losses.svg')).toContain('mean squared error');
    else expect(stdout).toContain('this stage needs matplotlib: pip install matplotlib');
  });

  it('overwrites nothing', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(folder, name), name);
    expect(await execute(folder, ['init'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'the folder . is not empty: it holds a, b, c, …\n  fix: name a new or an empty folder: vmfdag init DIR\n',
    });
    expect(await execute(folder, ['init', 'a'])).toMatchObject({
      code: 2,
      stderr: 'a is a file\n  fix: name a new or an empty folder: vmfdag init DIR\n',
    });
    expect(existsSync(join(folder, 'pipeline.yaml'))).toBe(false);
  });
});
