import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { giveAway, withoutRoot } from '../support/privileges.ts';
import { processesOf } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

/** The stage `good`, which works, and `bad` with a script; both give a directory. */
function goodAndBad(script: string): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: faults
stages:
  good: {command: "mkdir {outputs.made}; echo 1 > {outputs.made}/a", outputs: {made: directory}}
  bad:
    command: ${JSON.stringify(script)}
    outputs: {made: directory}
`,
  });
}

describe('a command fails alone, with place, fact and fix, and leaves nothing behind', () => {
  const made = 'mkdir {outputs.made}; echo 1 > {outputs.made}/kept;';

  it.each([
    [
      'a link out',
      `${made} ln -s ../../../x {outputs.made}/l`,
      'outputs/made/l is a link to "../../../x", which leads out',
    ],
    ['an absolute link', `${made} ln -s /etc/passwd {outputs.made}/l`, 'outputs/made/l is a link to "/etc/passwd"'],
    ['a link to nowhere', `${made} ln -s none {outputs.made}/l`, 'outputs/made/l is a link to "none"'],
    ['a link for the folder', 'mkdir t; ln -s ../t {outputs.made}', 'outputs/made is no folder'],
    [
      'a pipe deep inside',
      `${made} mkdir -p {outputs.made}/a/b; mkfifo {outputs.made}/a/b/p`,
      'outputs/made/a/b/p is a pipe',
    ],
    ['a pipe for the folder', 'mkfifo {outputs.made}', 'outputs/made is no folder'],
    [
      'a name that is not UTF-8',
      `${made} : > "{outputs.made}/$(printf 'caf\\351')"`,
      'whose name "caf\\xe9" is not UTF-8',
    ],
    ['nothing', 'true', 'the folder of its output "made" is missing: outputs/made'],
    ['its end by kill -9', 'echo before; kill -9 $$', 'was killed by SIGKILL'],
    ['the end of its child by kill -9', `sleep 4331 & kill -9 $!; wait $!`, 'ended with exit code 137'],
    [
      'the end of a program that others wait for',
      `sleep 4332 & sleep 4332 & kill -9 $!; exit 5`,
      'ended with exit code 5',
    ],
  ])('%s', async (_, script, fact) => {
    const project = goodAndBad(script);
    const { code, events, finished } = await project.run(['--keep-going']);
    expect(code).toBe(1);
    expect(finished).toContain('good');
    const failed = events.find(({ type }) => type === 'failed') as unknown as { diagnostic: Record<string, string> };
    expect(failed.diagnostic.fact).toContain('bad');
    expect(failed.diagnostic.fact).toContain(fact);
    expect(failed.diagnostic.fix?.length).toBeGreaterThan(10);
    for (const text of ['sleep 4331', 'sleep 4332']) expect(processesOf(text)).toEqual([]);
    expect(await project.recorded()).toEqual(['good']);
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
    // No folder of the command stays in the cache.
    expect(leftIn(project)).toEqual([]);
  });
});

const through = withoutRoot();

describe.skipIf(through === undefined)('a command whose output cannot be read', () => {
  it.each([
    ['a file', 'echo 1 > {outputs.made}/f; chmod 000 {outputs.made}/f', 'outputs/made/f cannot be read (EACCES'],
    ['a folder', 'mkdir {outputs.made}/d; chmod 000 {outputs.made}/d', 'outputs/made/d cannot be read (EACCES'],
    ['the output itself', 'chmod 000 {outputs.made}', 'outputs/made cannot be read (EACCES'],
    ['the folder of outputs', 'chmod 000 outputs', 'outputs'],
  ])('%s', async (_, script, fact) => {
    const project = goodAndBad(`mkdir {outputs.made}; ${script}`);
    giveAway(project.directory);
    const options = { through: through ?? [], env: { HOME: project.directory } };
    const { code, events, finished } = await project.run(['--keep-going'], options);
    expect({ code, finished }).toEqual({ code: 1, finished: ['good'] });
    const failed = events.find(({ type }) => type === 'failed') as unknown as { diagnostic: Record<string, string> };
    expect(failed.diagnostic.fact).toContain(fact);
    expect(leftIn(project)).toEqual([]);
  });
});

describe.skipIf(through === undefined)('what a command makes read-only', () => {
  it('is removed as all else, and the next run is as any other', async () => {
    const readOnly = (folder: string) => `mkdir -p ${folder}/x/y; echo 1 > ${folder}/x/y/z; chmod -R a-w ${folder}/x`;
    const project = goodAndBad(`mkdir {outputs.made}; ${readOnly('{outputs.made}')}; ${readOnly('$TMPDIR')}`);
    giveAway(project.directory);
    const options = { through: through ?? [], env: { HOME: project.directory } };
    for (const _ of ['first', 'second']) {
      expect(await project.run(['--force', 'bad'], options)).toMatchObject({ code: 0, stderr: '' });
      expect(leftIn(project)).toEqual([]);
    }
    // What a killed run has left is removed by the next one.
    const left = project.path('cache/work/of-a-killed-run');
    execFileSync('sh', ['-ec', readOnly(left)]);
    giveAway(left);
    expect(await project.run(['--force', 'bad'], options)).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(left)).toBe(false);
  });
});

/** Files below the cache that hold what a command wrote, outside of what the cache keeps. */
function leftIn(project: Project): readonly string[] {
  const names = readdirSync(project.path('cache'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /(^|\/)(outputs|\.vmfdag)(\/|$)/.test(name));
}

describe('names in a directory', () => {
  it('of any UTF-8 come through a command, the cache and another command as they are', async () => {
    const name = fc
      .array(
        fc.constantFrom(
          ...[' ', '"', "'", '\n', '\t', '*', '?', '$', '\\', '-', '.', '{', '}', '%', 'ü', '漢', '😀', 'a'],
        ),
        {
          minLength: 1,
          maxLength: 12,
        },
      )
      .map((characters) => characters.join(''))
      .filter((text) => !['.', '..'].includes(text));
    const names = fc.sample(fc.uniqueArray(name, { minLength: 30, maxLength: 30 }), { numRuns: 1, seed: 7 })[0] ?? [];
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: names
stages:
  make: {command: [python3, make.py], code: [make.py], params: {names: ${JSON.stringify(names).replaceAll('$' + '{', () => '$$' + '{')}}, outputs: {made: directory}}
  copy: {command: "cp -r {inputs.made} {outputs.copied}", inputs: {made: make.made}, outputs: {copied: directory}}
targets: {all: {files: {copied: copy.copied}}}
`,
      'make.py': `import os, vmfdag
folder = vmfdag.output("made")
for index, name in enumerate(vmfdag.params.names):
    os.makedirs(folder / str(index))
    (folder / str(index) / name).write_text(name)
`,
    });
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    names.forEach((each, index) => {
      const folder = project.path('results/copied', String(index));
      expect(readdirSync(folder)).toEqual([each]);
      expect(readFileSync(join(folder, each), 'utf8')).toBe(each);
    });
  });
});

describe('a source that a node needs later', () => {
  it.each([
    ['disappears', (path: string) => rmSync(path), 'there is no data/numbers.csv', '2\n'],
    ['changes', (path: string) => writeFileSync(path, '3\n'), 'it changed after the run had begun', '3\n'],
  ])(
    '%s meanwhile: its node fails by name, what was finished stays, and the next run goes on',
    async (_, strike, fact, later) => {
      const project = projectOf({
        'pipeline.yaml': `version: 1
name: sources
sources: {numbers: {file: data/numbers.csv}}
stages:
  wait: {command: "echo 1; while ! [ -e ${'$'}FLAG ]; do sleep 0.05; done; echo 1 > {outputs.o}", variables: [FLAG], outputs: {o: csv}}
  read: {command: "cat {inputs.o} {inputs.numbers} > {outputs.sum}", inputs: {o: wait.o, numbers: numbers}, outputs: {sum: csv}}
targets: {all: {files: {sum.csv: read.sum}}}
`,
        'data/numbers.csv': '2\n',
      });
      const env = { FLAG: project.path('flag') };
      const running = project.start(['run', '--json'], { env });
      await vi.waitFor(() => expect(running.outputText()).toContain('"wait"'), { timeout: 20_000 });
      strike(project.path('data/numbers.csv'));
      project.write('flag', '');
      const { code, stdout } = await running.ended;
      expect(code).not.toBe(0);
      expect(stdout).toContain(fact);
      project.write('data/numbers.csv', later);
      const next = await project.run([], { env });
      expect(next).toMatchObject({ code: 0 });
      expect(next.started).not.toContain('wait');
      expect(project.read('results/sum.csv')).toBe(`1\n${later}`);
    },
  );
});
