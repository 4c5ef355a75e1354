import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failedFix } from '../../../../../src/engine/workers/worker/command/failed-fix.ts';
import { ProjectFiles } from '../../../../../src/engine/workers/worker/project-files.ts';

const LOG = 'its last output is in its log';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vmfdag failed ü-'));
  folder = join(root, 'cache/work/1/node');
  for (const path of ['data/a b.csv', 'data/x.csv', 'train.py', 'seen.py', 'results/r.csv', 'node_modules/m/i.js']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'seen.py'), '');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function fix(printed: string): string {
  return failedFix({ stage: 'fit', printed, folder, project: new ProjectFiles(root, join(root, 'cache')) });
}

describe('a command that looked for what it does not see', () => {
  const one = (name: string) =>
    `${name} is in the project, but not in the folder of the command: read it as an input, or name it in "code:" of stage fit`;

  it.each([
    ['Python', "FileNotFoundError: [Errno 2] No such file or directory: 'data/x.csv'\n", 'data/x.csv'],
    ['a blank in a name', "FileNotFoundError: [Errno 2] No such file or directory: 'data/a b.csv'\n", 'data/a b.csv'],
    ['Python, of its script', "python3: can't open file 'train.py': [Errno 2] No such file or directory\n", 'train.py'],
    ['cat', 'cat: data/x.csv: No such file or directory\n', 'data/x.csv'],
    ['cat, in a name with a blank', 'cat: data/a b.csv: No such file or directory\n', 'data/a b.csv'],
    ['sh, of a program', '/bin/sh: 1: ./train.py: not found\n', 'train.py'],
    ['bash, of a program', 'bash: line 1: ./train.py: No such file or directory\n', 'train.py'],
    ['sh', 'sh: 1: cannot open data/x.csv: No such file\n', 'data/x.csv'],
    ['GNU in UTF-8', 'ls: cannot access ‘data/x.csv’: No such file or directory\n', 'data/x.csv'],
    ['Node', "Error: ENOENT: no such file or directory, open 'data/x.csv'\n    at x\n", 'data/x.csv'],
    ['R', "cannot open file 'data/x.csv': No such file or directory\n", 'data/x.csv'],
    ['a folder', "ls: cannot access 'data': No such file or directory\n", 'data'],
    ['another way to write it', "No such file or directory: './data/../data/x.csv'\n", 'data/x.csv'],
  ])('%s', (_, printed, name) => {
    expect(fix(printed)).toBe(one(name));
  });

  it.each([
    ['sh', '/bin/sh: 1: env/bin/python: not found\n', 'env/bin/python', 'python'],
    ['bash', 'bash: line 1: env/bin/pytest: No such file or directory\n', 'env/bin/pytest', 'pytest'],
  ])('%s, a program of a virtual environment', (_, printed, program, name) => {
    mkdirSync(join(root, 'env/bin'), { recursive: true });
    writeFileSync(join(root, 'env/pyvenv.cfg'), '');
    symlinkSync('/usr/bin/env', join(root, program));
    expect(fix(printed)).toBe(
      `${program} is in a virtual environment, which no command sees: write ${name}, and say "environment: {lock: requirements.txt, interpreter: env/bin/python}"`,
    );
    rmSync(join(root, 'env/pyvenv.cfg'));
    expect(fix(printed)).not.toContain('virtual environment');
  });

  it('several', () => {
    expect(fix('cat: data/x.csv: No such file or directory\ncat: train.py: No such file or directory\n')).toBe(
      'data/x.csv, train.py are in the project, but not in the folder of the command: read them as an input, or name them in "code:" of stage fit',
    );
  });

  it.each([
    ['is nowhere', "No such file or directory: 'data/y.csv'"],
    ['is there', "No such file or directory: 'seen.py'"],
    ['is outside', "No such file or directory: '../x.csv'"],
    ['is absolute', "No such file or directory: '/etc/hostname'"],
    ['belongs to results', "No such file or directory: 'results/r.csv'"],
    ['belongs to the cache', "No such file or directory: 'cache/work'"],
    ['is a package', "No such file or directory: 'node_modules/m/i.js'"],
    ['is named for another reason', 'data/x.csv has a wrong column'],
    ['is the project itself', "No such file or directory: '.'"],
  ])('leaves alone what %s', (_, printed) => {
    expect(fix(`${printed}\n`)).toBe(LOG);
  });
});

describe('a command that failed otherwise', () => {
  it('names the log, where there is one', () => {
    expect(fix('Traceback\nZeroDivisionError\n')).toBe(LOG);
    expect(fix(' \n')).toMatch(/^it printed nothing: /);
  });

  it('also where its folder is gone', () => {
    rmSync(folder, { recursive: true });
    expect(fix('x\n')).toBe(LOG);
  });
});
