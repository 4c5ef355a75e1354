import { describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import { faultyProject } from '../support/faulty.ts';
import type { Project } from '../support/project.ts';
import { withoutTimes } from '../support/summary.ts';

/** What `run` says of the node that failed, from its name to the summary; how long it took apart, and where that time went. */
function told(stdout: string): string {
  const lines = stdout.trimEnd().split('\n');
  const first = lines.findIndex((line) => line.startsWith('FAILED'));
  return withoutTimes(lines.slice(first))
    .map((line) => line.replace(/ \(\d+\.\d+ s\)$/, ''))
    .join('\n');
}

/** All that does not depend on `faulty` is done before it is tried, so that the summary's numbers are known. */
async function projectWhoseRestIsDone(): Promise<Project> {
  const project = faultyProject();
  expect(await project.run(['--target', 'good', '--target', 'second'])).toMatchObject({ code: 0 });
  return project;
}

describe('0', () => {
  it.each([['run'], ['run'], ['run --dry-run'], ['status'], ['--help'], ['--version']])('%s', async (command) => {
    const project = chainsProject(1, 1, 0);
    const { code, stderr } = await project.execute(command.split(' '));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('a --dry-run of what a run would refuse: nothing is executed, so nothing is known of it', async () => {
    expect(await faultyProject().execute(['run', '--dry-run', '--set', 'level=10'])).toMatchObject({ code: 0 });
  });
});

describe('1', () => {
  it('a stage that fails', async () => {
    const project = await projectWhoseRestIsDone();
    const { code, stdout, stderr } = await project.execute(['run', '--set', 'kind=explains']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(told(stdout)).toBe(`FAILED   faulty
  the weights are not finite
    fix: lower the learning rate
  its log ends with:
    logged
    printed
failed: 0 nodes executed, 3 up to date, 1 failed, 1 not run`);
  });

  it('a cache that is not one', async () => {
    const project = chainsProject(1, 1, 0);
    project.write('file', 'this is no folder');
    const { code, stdout, stderr } = await project.execute(['run', '--cache', 'file']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.replaceAll(project.directory, 'HERE')).toMatchInlineSnapshot(`
      "cannot open the cache in HERE/file (EEXIST: file already exists, mkdir 'HERE/file')
        fix: a file is in the way: use another folder with --cache DIR
      "
    `);
  });

  it('a backend that this machine lacks', async () => {
    const project = chainsProject(1, 1, 0);
    project.edit(
      'pipeline.yaml',
      'params:\n',
      'compute: {provider: tfjs-backend-onednn, request: {backend: webgpu}}\nparams:\n',
    );
    project.edit('pipeline.yaml', '  total:\n    run:', '  total:\n    compute: true\n    run:');
    const { code, stdout, stderr } = await project.execute(['run']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatchInlineSnapshot(`
      "the backend "webgpu" is not available: @tensorflow/tfjs-backend-webgpu is not installed
        fix: npm install webgpu @tensorflow/tfjs-backend-webgpu@4.22.0 (it is used only when asked for by name)
      "
    `);
  });
});

describe('2, with all that was finished kept', () => {
  it('params that a stage refuses', async () => {
    const project = await projectWhoseRestIsDone();
    const { code, stdout, stderr } = await project.execute(['run', '--set', 'level=10']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(told(stdout)).toBe(`FAILED   faulty
  stage faulty: params.level: Invalid value: Expected <=9 but received 10
    fix: correct the params of stage faulty in the pipeline file, or the schema in stages/faulty.ts
failed: 0 nodes executed, 3 up to date, 1 failed, 1 not run`);
    const mended = await project.run(['--set', 'level=9']);
    expect(mended).toMatchObject({ code: 0, started: ['below', 'faulty'], summary: { upToDate: 3 } });
  });

  it.each([
    [
      'an output',
      'outputs: {value: json}\n\n',
      'outputs: {value: csv}\n\n',
      'output "value" is csv in the pipeline file and json in stages/faulty.ts\n    fix: make the two declarations of outputs the same',
    ],
    [
      'another output',
      'outputs: {value: json}\n\n',
      'outputs: {value: json, other: json}\n\n',
      'output "other" is json in the pipeline file and not declared in stages/faulty.ts\n    fix: make the two declarations of outputs the same',
    ],
    [
      'an input',
      'inputs: {value: "good.value[number=1]"}',
      'inputs: {value: "good.value[number=*]"}',
      'input "value" is gathered from many nodes in the pipeline file and the output of one node in stages/faulty.ts\n    fix: make the two declarations of inputs the same: one(codec) for one node, many(codec) for [name=*]',
    ],
  ])('%s that the pipeline file declares otherwise than the stage', async (_what, old, replacement, message) => {
    const project = await projectWhoseRestIsDone();
    project.edit('pipeline.yaml', old, replacement);
    const { code, stdout, stderr } = await project.execute(['run']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(told(stdout)).toBe(`FAILED   faulty
  stage faulty: ${message}
failed: 0 nodes executed, 3 up to date, 1 failed, 1 not run`);
    project.edit('pipeline.yaml', replacement, old);
    expect(await project.run()).toMatchObject({ code: 0, started: ['below', 'faulty'], summary: { upToDate: 3 } });
  });

  it('the second of two stages that have one module, and declare other outputs', async () => {
    const project = faultyProject();
    const second = '  second:\n    run: stages/below.ts\n    inputs: {value: "good.value[number=2]"}\n    outputs: ';
    project.edit('pipeline.yaml', `${second}{value: json}`, `${second}{value: csv}`);
    const report = await project.run(['--jobs', '1', '--keep-going']);
    expect(report).toMatchObject({ code: 2, finished: ['below', 'faulty', 'good/1', 'good/2'] });
    expect(report.summary).toMatchObject({ outcome: 'failed', failed: 1, misconfigured: 1 });
    expect(report.events.find(({ type }) => type === 'failed')).toEqual({
      type: 'failed',
      node: 'second',
      cause: 'usage',
      diagnostic: {
        fact: 'stage second: output "value" is csv in the pipeline file and json in stages/below.ts',
        fix: 'make the two declarations of outputs the same',
      },
      log: '',
    });
  });

  it('a module that exports no stage', async () => {
    const project = await projectWhoseRestIsDone();
    project.write('stages/faulty.ts', 'export default { run: 1 };\n');
    const { code, stdout } = await project.execute(['run']);
    expect(code).toBe(2);
    expect(told(stdout)).toBe(`FAILED   faulty
  stages/faulty.ts does not export a stage
    fix: export what defineStage({ params, inputs, outputs, run }) returns
failed: 0 nodes executed, 3 up to date, 1 failed, 1 not run`);
  });

  it('also if another node failed for its own reason: a rerun cannot help as long as the file is wrong', async () => {
    const project = faultyProject();
    project.edit(
      'pipeline.yaml',
      'inputs: {value: "good.value[number=2]"}\n    outputs: {value: json}',
      'inputs: {value: "good.value[number=2]"}\n    outputs: {value: csv}',
    );
    const report = await project.run(['--keep-going', '--set', 'kind=explains']);
    expect(report).toMatchObject({ code: 2, summary: { failed: 2, misconfigured: 1 } });
  });
});
