import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../support/command-line.ts';
import { type Project, projectOf } from '../support/project.ts';

const FULL = '/dev/full';

let project: Project;

beforeAll(async () => {
  project = projectOf({
    'pipeline.yaml': `version: 1
name: full
stages:
  number:
    run: stages/number.ts
    each: {k: [1, 2]}
    outputs: {number: json}
targets:
  numbers: {files: {1.json: number/1.number}}
`,
    'stages/number.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { number: json<number>() },
  run: ({ coordinates }) => ({ number: Number(coordinates.k) }),
});
`,
  });
  expect((await project.run()).code).toBe(0);
});

/** Runs a command whose output goes to a full disk. */
function intoFull(args: readonly string[]) {
  return execute(project.directory, args, { through: ['bash', '-c', `"$@" > ${FULL}`, 'bash'] });
}

describe.skipIf(!existsSync(FULL))('a command whose output cannot be written', () => {
  it.each([
    ['status'],
    ['status --json'],
    ['explain number/1'],
    ['graph'],
    ['history'],
    ['history show last --json'],
    ['cache ls'],
    ['doctor'],
    ['help'],
    ['run --help'],
    ['--version'],
    ['completion bash'],
  ])('%s is one line on standard error, and a failure', async (command) => {
    const { code, stderr } = await intoFull(command.split(' '));
    expect(stderr).toMatch(/^cannot write to standard output \(ENOSPC.*\): make room where it goes to\n$/);
    expect(code).toBe(1);
  });

  it.each([['run'], ['run --json']])('%s runs to its end', async (command) => {
    project.edit('stages/number.ts', 'Number(coordinates.k)', 'Number(coordinates.k) * 10');
    const { code, stderr } = await intoFull(command.split(' '));
    expect(stderr).toMatch(/^cannot write to standard output .*\n$/);
    expect(code).toBe(1);
    const states = await project.json<readonly { state: string }[]>(['status']);
    expect(states.map(({ state }) => state)).toEqual(['current']);
    project.edit('stages/number.ts', ' * 10', '');
  });

  it('keeps its exit code, also for a wrong command line', () => {
    const script = `"${process.execPath}" "$0" --bogus 2> ${FULL}; echo $?`;
    const vmfdag = project.path('node_modules/vmfdag/bin/vmfdag.cjs');
    expect(execFileSync('bash', ['-c', script, vmfdag], { encoding: 'utf8' })).toBe('2\n');
  });
});
