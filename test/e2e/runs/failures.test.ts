import { describe, expect, it } from 'vitest';
import { faultyProject } from '../support/faulty.ts';
import type { Project } from '../support/project.ts';

/** What `run` prints about the node that failed, with the paths and places of stack traces taken out. */
async function failureText(project: Project, args: readonly string[], exitCode: 1 | 2 = 1): Promise<string> {
  const { code, stdout, stderr } = await project.execute(['run', ...args]);
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
  const lines = stdout.split('\n');
  const first = lines.findIndex((line) => line.startsWith('FAILED'));
  const rest = lines.slice(first);
  const end = rest.findIndex((line, index) => index > 0 && !line.startsWith('  '));
  return rest
    .slice(0, end)
    .filter((line) => !/^\s+at /.test(line) || line.includes('stages/faulty.ts'))
    .map((line) => line.replace(/\(.*[\\/](stages[\\/]faulty\.ts:\d+:\d+)\)/, '($1)'))
    .join('\n');
}

describe('a stage that', () => {
  it.each([
    [
      'throws',
      [
        'FAILED   faulty',
        '  stage faulty threw: this went wrong',
        '  TypeError: this went wrong',
        // The place in the source, not in the bundle.
        '      at Object.run (stages/faulty.ts:15:15)',
        '  its log ends with:',
        '    logged',
        '    printed',
        '  "vmfdag history show last faulty" shows all of it',
      ],
    ],
    [
      'explains',
      [
        'FAILED   faulty',
        '  the weights are not finite',
        '    fix: lower the learning rate',
        '  its log ends with:',
        '    logged',
        '    printed',
      ],
    ],
    [
      'exits',
      [
        'FAILED   faulty',
        '  stage faulty called process.exit(7)',
        '    fix: return the outputs, or throw an error',
        '  its log ends with:',
        '    logged',
        '    printed',
      ],
    ],
    [
      'NaN',
      [
        'FAILED   faulty',
        '  the output "value" of stage faulty cannot be stored: $.loss[1] is NaN: not a JSON number',
        '    fix: correct what run() in stages/faulty.ts returns',
        '  its log ends with:',
        '    logged',
        '    printed',
      ],
    ],
    [
      'nothing',
      [
        'FAILED   faulty',
        '  stage faulty returned no value for its output "value"',
        '    fix: return it from run() in stages/faulty.ts',
        '  its log ends with:',
        '    logged',
        '    printed',
      ],
    ],
    [
      'more',
      [
        'FAILED   faulty',
        '  stage faulty returned a value for "other", which is none of its outputs',
        '    fix: declare the output in stages/faulty.ts and in the pipeline file, or do not return it',
        '  its log ends with:',
        '    logged',
        '    printed',
      ],
    ],
  ])('fails (%s) is explained', async (kind, lines) => {
    expect(await failureText(faultyProject(), ['--set', `kind=${kind}`])).toBe(lines.join('\n'));
  });

  it('aborts fails only its own node', async () => {
    const project = faultyProject();
    const text = await failureText(project, ['--set', 'kind=aborts', '--keep-going']);
    expect(text).toMatch(
      /^FAILED {3}faulty\n {2}stage faulty called process\.abort\(\)\n {4}fix: return the outputs, or throw an error/,
    );
    expect(await project.recorded()).toEqual(['good/1', 'good/2', 'second']);
  });

  it.each(['hangs', 'spins'])('%s is stopped by its timeout', async (kind) => {
    const text = await failureText(faultyProject('    timeout: 700ms'), ['--set', `kind=${kind}`]);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'FAILED   faulty',
      '  faulty was stopped after its timeout of 0.7 s',
      '    fix: give stage faulty a longer "timeout:", or less to do',
    ]);
  });

  it.each([
    ['level=10', 'Expected <=9 but received 10'],
    ['level=high', 'Expected number but received "high"'],
  ])('gets wrong params (%s) says which', async (set, problem) => {
    const [, fact, fix] = (await failureText(faultyProject(), ['--set', set], 2)).split('\n');
    expect(fact).toMatch(/^ {2}stage faulty: params\.level: Invalid (value|type): /);
    expect(fact).toContain(problem);
    expect(fix).toBe(
      '    fix: correct the params of stage faulty in the pipeline file, or the schema in stages/faulty.ts',
    );
  });
});

describe('after a failure', () => {
  it('nothing else is started, and what is downstream is skipped', async () => {
    const project = faultyProject();
    const report = await project.run(['--jobs', '1', '--set', 'kind=throws']);
    expect(report).toMatchObject({ code: 1, summary: { outcome: 'failed', failed: 1 } });
    expect(report.events).toContainEqual({ type: 'skipped', node: 'below', because: 'faulty' });
    expect(report.started).not.toContain('below');
  });

  it('--keep-going runs all that does not depend on it', async () => {
    const project = faultyProject();
    const report = await project.run(['--jobs', '1', '--keep-going', '--set', 'kind=throws']);
    expect(report).toMatchObject({ code: 1, finished: ['good/1', 'good/2', 'second'] });
    expect(report.summary).toMatchObject({ outcome: 'failed', executed: 3, failed: 1, skipped: 1 });
  });

  it('a rerun tries again what failed, and after a fix continues from there', async () => {
    const project = faultyProject();
    expect((await project.run(['--keep-going', '--set', 'kind=throws'])).code).toBe(1);
    const again = await project.run(['--set', 'kind=throws']);
    expect(again).toMatchObject({ code: 1, started: ['faulty'], summary: { upToDate: 3, failed: 1 } });
    project.edit('stages/faulty.ts', "throw new TypeError('this went wrong');", 'break;');
    const mended = await project.run(['--set', 'kind=throws']);
    expect(mended).toMatchObject({ code: 0, started: ['below', 'faulty'], summary: { executed: 2, upToDate: 3 } });
  });

  it('a stage that has retries is tried again, and its record says at which attempt it was made', async () => {
    const project = faultyProject('    retries: 1');
    const report = await project.run(['--set', 'kind=once']);
    expect(report).toMatchObject({ code: 0, summary: { outcome: 'done', executed: 5, failed: 0 } });
    expect(report.events.filter(({ type }) => type === 'retrying')).toMatchObject([
      { node: 'faulty', attempt: 2, diagnostic: { fact: 'stage faulty threw: not the first time' } },
    ]);
    const record = await project.json<{ attempt: number; log: string }>([
      'cache',
      'show',
      'faulty',
      '--set',
      'kind=once',
    ]);
    expect(record).toMatchObject({ attempt: 2, log: 'logged\nprinted\n' });
  });

  it('a node fails for good after its last retry', async () => {
    const project = faultyProject('    retries: 2');
    const report = await project.run(['--set', 'kind=throws']);
    expect(report).toMatchObject({ code: 1, summary: { failed: 1 } });
    expect(report.events.filter((event) => event.type === 'started' && event.node === 'faulty')).toHaveLength(3);
  });
});

describe('a declaration in the pipeline file that is not that of the module', () => {
  it.each([
    [
      'outputs: {value: json}\n  below:',
      'outputs: {value: csv}\n  below:',
      'stage faulty: output "value" is csv in the pipeline file and json in stages/faulty.ts',
    ],
    [
      'inputs: {value: "good.value[number=1]"}',
      'inputs: {value: "good.value[number=*]"}',
      'stage faulty: input "value" is gathered from many nodes in the pipeline file and the output of one node in stages/faulty.ts',
    ],
  ])('is refused: %s', async (old, replacement, fact) => {
    const project = faultyProject('');
    project.write('pipeline.yaml', project.read('pipeline.yaml').replace(/\n\n {2}below/, '\n  below'));
    project.edit('pipeline.yaml', old, replacement);
    const report = await project.run();
    expect(report.code).toBe(2);
    expect(report.events.find(({ type }) => type === 'failed')).toMatchObject({ node: 'faulty', diagnostic: { fact } });
  });
});
