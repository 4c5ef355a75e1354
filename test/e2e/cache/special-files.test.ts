import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const PIPELINE = `version: 1
name: tiny
stages:
  a: {run: stages/a.ts, each: {n: [1, 2]}, outputs: {out: json}}
targets:
  t: {files: {tables/o.json: a/1.out}}
`;

const STAGE = `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({ params: v.any(), inputs: {}, outputs: { out: json<number>() }, run: () => ({ out: 1 }) });
`;

let project: Project;

beforeAll(async () => {
  project = projectOf({ 'pipeline.yaml': PIPELINE, 'stages/a.ts': STAGE });
  expect((await project.run(['--target', 't', '--target', 'a'])).code).toBe(0);
});

describe('the pipeline file', () => {
  it.each([
    ['a pipe', 'pipe', 'it is a pipe, not a file'],
    ['a folder', 'stages', 'it is a folder, not a file'],
    ['a device without an end', '/dev/zero', 'it is a device, not a file'],
    ['standard input', '-', 'a pipeline is not read from standard input'],
    ['a link in a circle', 'circle', 'ELOOP'],
    ['in the folder of a file', 'pipeline.yaml/x', 'ENOTDIR'],
  ])('is not %s', async (_, file, fact) => {
    if (file === 'pipe') execFileSync('mkfifo', [project.path(file)]);
    if (file === 'circle') symlinkSync(file, project.path(file));
    const { code, stderr } = await project.execute(['status', '--file', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(fact);
    expect(stderr).toContain('fix:');
  });
});

it('a pipe in the place of a stage is refused', async () => {
  execFileSync('mkfifo', [project.path('stages/pipe.ts')]);
  project.write('odd.yaml', PIPELINE.replace('stages/a.ts', 'stages/pipe.ts'));
  const { code, stderr } = await project.execute(['status', '--file', 'odd.yaml']);
  expect(code).toBe(2);
  expect(stderr).toContain('stages/pipe.ts is a pipe, not a file');
});

it.runIf(process.platform === 'linux')('a cache where there is no place for folders is refused', async () => {
  const { code, stderr } = await project.execute(['status', '--cache', '/proc/vmfdag/cache']);
  expect(code).toBe(1);
  expect(stderr).toContain('fix:');
});

describe('cache get', () => {
  it('writes to standard output and nothing else', async () => {
    for (const name of ['-', '/dev/stdout']) {
      expect(await project.execute(['cache', 'get', 'a/1.out', name])).toMatchObject({
        code: 0,
        stdout: '1\n',
        stderr: '',
      });
    }
  });

  it('writes one artefact to standard output, and no JSON besides', async () => {
    const many = await project.execute(['cache', 'get', 'a.out', '-']);
    expect(many).toMatchObject({ code: 2, stdout: '' });
    expect(many.stderr).toContain('more than one artefact');
    expect((await project.execute(['cache', 'get', 'a/1.out', '-', '--json'])).code).toBe(2);
  });

  it('leaves links and folders where they are', async () => {
    writeFileSync(project.path('real.json'), 'precious');
    symlinkSync('real.json', project.path('link.json'));
    mkdirSync(project.path('folder'));
    expect((await project.execute(['cache', 'get', 'a/1.out', 'link.json'])).code).toBe(0);
    expect(lstatSync(project.path('link.json')).isSymbolicLink()).toBe(true);
    expect(project.read('real.json')).toBe('1\n');
    expect((await project.execute(['cache', 'get', 'a/1.out', 'folder'])).stdout).toContain('folder/a-1.out.json');
  });
});

describe('the results folder', () => {
  const edited = (from: string, to: string) => {
    project.write('pipeline.yaml', PIPELINE.replace(from, to));
  };

  it('explains that a folder of an earlier run is in the way, in every run, and keeps it', async () => {
    edited('tables/o.json', 'tables');
    for (const _ of ['first', 'up to date']) {
      const { code, stderr } = await project.execute(['run']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/results\/tables is a folder, where a file is to be written\n {2}fix: /);
      expect(stderr).not.toContain('bug');
    }
    expect(project.read('results/tables/o.json')).toBe('1\n');
    rmSync(project.path('results/tables'), { recursive: true });
    expect((await project.execute(['run'])).code).toBe(0);
    expect(project.read('results/tables')).toBe('1\n');
  });

  it('may be a link, and holds none that leads out, for the report neither', async () => {
    rmSync(project.path('results'), { recursive: true });
    mkdirSync(project.path('elsewhere'));
    symlinkSync('elsewhere', project.path('results'));
    edited('tables/o.json', 'deep/o.json');
    expect((await project.execute(['run'])).code).toBe(0);
    expect(project.read('elsewhere/deep/o.json')).toBe('1\n');
    symlinkSync('../real.json', project.path('elsewhere/report.html'));
    const { code, stderr } = await project.execute(['report']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('report.html is a link') });
    expect(readFileSync(project.path('real.json'), 'utf8')).toBe('1\n');
  });

  it('that is a file is explained', async () => {
    rmSync(project.path('results'));
    writeFileSync(project.path('results'), 'mine');
    const { code, stderr } = await project.execute(['run']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot make the folder .*results/);
    expect(project.read('results')).toBe('mine');
  });
});

describe('init', () => {
  it.each([
    ['a file', 'pipeline.yaml', 'pipeline.yaml is a file'],
    ['the folder of a file', 'pipeline.yaml/sub', 'ENOTDIR'],
    ['a name that is too long', 'n'.repeat(300), 'ENAMETOOLONG'],
    ['a device', '/dev/null', '/dev/null is a device'],
  ])('into %s is explained', async (_, directory, fact) => {
    const { code, stderr } = await project.execute(['init', directory]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(fact);
    expect(stderr).toContain('fix:');
    expect(stderr).not.toContain('bug');
  });
});
