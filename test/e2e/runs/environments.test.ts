import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';
import { folderOfUv, makeWheel, whyNoVenv } from '../support/wheels.ts';

const GREET = `import sys, greeting
open(sys.argv[1], "w").write(greeting.TEXT + "\\n")
`;

/** A command that prints what an installed package says, and one without an environment that reads it. */
function greetings(environment: string, files: Readonly<Record<string, string>>): Project {
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: greetings
stages:
  greet:
    command: [python, greet.py, "{outputs.text}"]
    code: [greet.py]
    environment: ${environment}
    outputs: {text: csv}
  count:
    command: "wc -c < {inputs.text} > {outputs.bytes}"
    inputs: {text: greet.text}
    outputs: {bytes: csv}
targets: {all: {files: {text.csv: greet.text, bytes.csv: count.bytes}}}
`,
    'greet.py': GREET,
    ...files,
  });
  for (const version of ['1.0', '2.0']) {
    makeWheel(project.path('wheels'), 'greeting', version, `TEXT = "hello ${version}"\n`);
  }
  return project;
}

function succeed(project: Project, env: NodeJS.ProcessEnv, program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { cwd: project.directory, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

const uv = folderOfUv();

describe.skipIf(uv === undefined)(
  `an environment of uv${uv === undefined ? ' (skipped: uv is not installed)' : ''}`,
  () => {
    // What it installs lies in the project, so it needs no network.
    const env = { PATH: `${uv}${delimiter}${process.env.PATH}`, UV_OFFLINE: '1' };
    const pyproject = (version: string) => `[project]
name = "greetings"
version = "0"
requires-python = ">=3.8"
dependencies = ["greeting"]
[tool.uv]
package = false
[tool.uv.sources]
greeting = {path = "wheels/greeting-${version}-py3-none-any.whl"}
`;
    const lock = (project: Project) => succeed(project, { ...process.env, ...env }, 'uv', 'lock', '-q');

    it('is installed by the run, and its lock file, interpreter and platform are in the keys', async () => {
      const project = greetings('{lock: uv.lock}', { 'pyproject.toml': pyproject('1.0') });
      lock(project);
      expect((await project.execute(['explain', 'greet'], { env })).stdout).toContain('unknown until a run asks it');
      expect(await project.run([], { env })).toMatchObject({ code: 0, summary: { executed: 2 } });
      expect(project.read('results/text.csv')).toBe('hello 1.0\n');
      const explained = await project.execute(['explain', 'greet'], { env });
      expect(explained.stdout).toMatch(/environment: uv\.lock [0-9a-f]{12}, CPython 3\.\d+\.\d+\S*, \S+/);
      expect((await project.run([], { env })).started).toEqual([]);

      project.write('pyproject.toml', `# A comment.\n${pyproject('1.0')}`);
      expect((await project.run([], { env })).started).toEqual([]);
      rmSync(project.path('.venv'), { recursive: true });
      expect((await project.run([], { env })).started).toEqual([]);

      project.write('pyproject.toml', pyproject('2.0'));
      const outdated = await project.execute(['run'], { env });
      expect(outdated).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^pipeline\.yaml:7:25 .*\n +7 \| +environment: \{lock: uv\.lock\}\n +\| +~{7}\n/s,
        ),
      });
      expect(outdated.stderr).toContain('"uv lock" brings the lock file up to date');
      lock(project);
      // Its text has as many bytes as before.
      expect((await project.run([], { env })).started).toEqual(['count', 'greet']);
      expect(project.read('results/text.csv')).toBe('hello 2.0\n');
      project.write('pyproject.toml', pyproject('1.0'));
      lock(project);
      expect((await project.run([], { env })).started).toEqual([]);
    });

    it('that is missing is said with the line to type', async () => {
      const project = greetings('{lock: uv.lock}', { 'uv.lock': 'version = 1\n' });
      const { code, stderr } = await project.execute(['run'], { env: { PATH: '/usr/bin:/bin' } });
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('needs uv, which is not there'),
      });
      expect(stderr).toContain('fix: install it: python3 -m pip install uv');
    });
  },
);

const noVenv = whyNoVenv();

describe.skipIf(noVenv !== undefined)(
  `an environment of pip${noVenv === undefined ? '' : ` (skipped: ${noVenv})`}`,
  () => {
    const environment = '{lock: requirements.txt, interpreter: .venv/bin/python}';
    /** As pip does it, which takes a minute to be there. */
    const install = (project: Project, version: string) => {
      const wheel = project.path(`wheels/greeting-${version}-py3-none-any.whl`);
      // Python knows its compiled files by seconds and sizes, which both versions may share.
      const script = `set -e; cd .venv/lib/python3*/site-packages; rm -rf greeting* __pycache__/greeting*; python3 -m zipfile -e '${wheel}' .`;
      succeed(project, process.env, 'sh', '-c', script);
    };

    it('has to have the versions of its file, and the command finds its interpreter first', async () => {
      const project = greetings(environment, { 'requirements.txt': 'greeting==1.0\n' });
      const missing = await project.execute(['run']);
      expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('which is not there') });
      expect(missing.stderr).toContain('fix: make it: python3 -m venv .venv');

      succeed(project, process.env, 'python3', '-m', 'venv', '--without-pip', '.venv');
      install(project, '1.0');
      expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
      expect(project.read('results/text.csv')).toBe('hello 1.0\n');
      project.write('requirements.txt', 'greeting==2.0\n');
      const different = await project.execute(['run']);
      expect(different).toMatchObject({ code: 1, stderr: expect.stringContaining('greeting 1.0 for 2.0') });
      expect(different.stderr).toContain('fix: .venv/bin/python -m pip install -r requirements.txt');
      install(project, '2.0');
      expect((await project.run()).started).toEqual(['count', 'greet']);
      expect((await project.run()).started).toEqual([]);
      // What it does not say is not changed behind its back.
      install(project, '1.0');
      expect(await project.execute(['run'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('greeting 1.0 for 2.0'),
      });
    });

    it('counts what its packages require and its file does not name, and nothing else that is installed', async () => {
      const project = greetings(environment, { 'requirements.txt': 'greeting==1.0\n' });
      succeed(project, process.env, 'python3', '-m', 'venv', '--without-pip', '.venv');
      install(project, '1.0');
      const [library = ''] = readdirSync(project.path('.venv/lib'));
      const site = (path: string) => join('.venv/lib', library, 'site-packages', path);
      project.write(
        site('greeting-1.0.dist-info/METADATA'),
        'Name: greeting\nVersion: 1.0\nRequires-Dist: The.Words (>=1)\nRequires-Dist: more; extra == "more"\n',
      );
      project.write(site('greeting.py'), 'import words\nTEXT = words.TEXT\n');
      const put = (name: string, version: string) => {
        for (const old of ['1', '2']) {
          rmSync(project.path(site(`${name}-${old}.dist-info`)), { recursive: true, force: true });
        }
        project.write(site(`${name}-${version}.dist-info/METADATA`), `Name: ${name}\nVersion: ${version}\n`);
        project.write(site(`${name === 'the_words' ? 'words' : name}.py`), `TEXT = "version ${version}"\n`);
        rmSync(project.path(site('__pycache__')), { recursive: true, force: true });
      };
      put('the_words', '1');
      put('more', '1');
      expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 2 } });
      expect((await project.execute(['explain', 'greet'])).stdout).toMatch(/environment: .*, the-words 1$/m);
      put('more', '2');
      expect((await project.run()).started).toEqual([]);
      put('the_words', '2');
      expect((await project.run()).started).toContain('greet');
      expect(project.read('results/text.csv')).toBe('version 2\n');
      put('the_words', '1');
      expect((await project.run()).started).toEqual([]);
    });

    it('names the version of each package', async () => {
      const project = greetings('{lock: requirements.txt}', { 'requirements.txt': 'greeting==1.0\nsix>=1\n' });
      const { code, stderr } = await project.execute(['run']);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('requirements.txt:2') });
    });
  },
);

describe('an environment', () => {
  it.each([
    ['{lock: poetry.lock}', '"poetry.lock" is no lock file of a known tool'],
    ['{lock: uv.lock, interpreter: bin/python}', 'uv finds the interpreter of its project itself'],
    ['{lock: ../uv.lock}', 'a relative path inside the project'],
    ['{}', 'lock'],
    ['{lock: requirements.txt}', 'there is no lock file requirements.txt'],
  ])('is refused as %s', async (environment, message) => {
    const { code, stderr } = await greetings(environment, {}).execute(['status']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(stderr).toMatch(/^pipeline\.yaml:\d+:\d+/);
  });
});
