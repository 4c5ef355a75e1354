import { beforeAll, describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import { COMMAND_LINE_MISTAKES } from '../support/command-line-mistakes.ts';
import type { Project } from '../support/project.ts';

let project: Project;

beforeAll(() => {
  project = chainsProject(2, 3, 0);
});

describe('a mistake in the command line', () => {
  it.each<[string, string]>([
    ...COMMAND_LINE_MISTAKES,
    ['run --target stp', 'there is no target or stage "stp"\n  fix: did you mean "step"?\n'],
    ['run --target nothing', 'there is no target or stage "nothing"\n  fix: use one of "total", "start", "step"\n'],
    ['run --target step/1/9', 'no node matches "step/1/9"\n  fix: "step" is one of 1, 2, 3\n'],
    [
      'run --set steps',
      '--set steps: there is no "path=value" in this\n  fix: write for example --set compute.threads=2\n',
    ],
    ['run --set stepz=3', '--set stepz=3: there is no param "stepz"\n  fix: did you mean "steps"?\n'],
    [
      'run --force stepp',
      '--force stepp: no stage of that name is part of this run\n  fix: the stages are start, step, total\n',
    ],
    ['run --profile quick', 'there is no profile "quick"\n  fix: there is none to choose from here\n'],
    [
      'run --file missing.yaml',
      'there is no file missing.yaml here\n  fix: go to the folder of the pipeline, or name its file with --file PATH\n',
    ],
    ['run --jobz 2', 'unknown option \'--jobz\'\n  fix: did you mean "--jobs"?\n'],
    ['run --jobz=2', 'unknown option \'--jobz=2\'\n  fix: did you mean "--jobs"?\n'],
    ['--bogus', 'unknown option \'--bogus\'\n  fix: "vmfdag --help" lists the options\n'],
    [
      'run --jobs',
      'option --jobs has no value\n  fix: write --jobs <count>, nodes to run at the same time (default: one per core)\n',
    ],
    ['run extra', 'there is no target or stage "extra"\n  fix: use one of "total", "start", "step"\n'],
    ['explain', 'missing required argument \'node-or-file\'\n  fix: type "vmfdag explain [options] <node-or-file>"\n'],
    ['explain stages/stp.ts', 'there is no file stages/stp.ts\n  fix: did you mean stages/step.ts?\n'],
    ['explain stages/other.ts', 'there is no file stages/other.ts\n  fix: name one that is there, or a node\n'],
    ['explain ./stages/totl.ts', 'there is no file ./stages/totl.ts\n  fix: did you mean stages/total.ts?\n'],
    [
      'explain stages/step.ts/x.svg',
      'there is no file stages/step.ts/x.svg\n  fix: name one that is there, or a node\n',
    ],
    [
      'explain ./stages/step.ts/x.svg',
      'there is no file ./stages/step.ts/x.svg\n  fix: name one that is there, or a node\n',
    ],
    ['explain stp/1/1', 'there is no stage "stp"\n  fix: did you mean "step"?\n'],
    [
      'experiments --filter steps',
      `"steps" is no condition\n  fix: write a column, one of = != < <= > >= ~ (contains), and a value, in quotes for the shell: 'state=done', 'lr>0.1'\n`,
    ],
    [
      'cache get total',
      '"total" names no output\n  fix: write NODE.OUTPUT, for example cache get train/fnn/1/3.weights\n',
    ],
    [
      'cache get total.total',
      'total is not up to date in the cache\n  fix: run "vmfdag run --target total" first, or see "vmfdag explain total"\n',
    ],
    [
      'cache bogus',
      'there is no command "vmfdag cache bogus"\n  fix: use one of "ls", "show", "stat", "get", "verify", "gc", "pin", "adopt", "push", "pull", "unpin", "pins", … (13 in all)\n',
    ],
  ])('%s: is told on standard error, with a way out, and ends with 2', async (command, stderr) => {
    expect(await project.execute(command.split(' '))).toMatchObject({ code: 2, stdout: '', stderr });
  });

  it.each(['', 'cache'])('"%s" without a command shows the help and ends with 2', async (command) => {
    const { code, stderr } = await project.execute(command.split(' ').filter(Boolean));
    expect(code).toBe(2);
    expect(stderr).toContain(`Usage: vmfdag ${command}`);
  });
});

it('"run NAME" does what "run --target NAME" does, and takes several', async () => {
  const planned = async (...args: readonly string[]) =>
    (await project.execute(['run', ...args, '--dry-run', '--json'])).stdout;
  expect(await planned('step/1/1')).toBe(await planned('--target', 'step/1/1'));
  expect(await planned('step/1/1', 'start')).toBe(await planned('-t', 'step/1/1', '-t', 'start'));
  expect(await planned('step/1/1', '-t', 'start')).toBe(await planned('-t', 'step/1/1', '-t', 'start'));
});

describe('a mistake in the pipeline file', () => {
  it('is shown at its place, with all others', async () => {
    project.write(
      'bad.yaml',
      `version: 1
name: bad
stages:
  train:
    run: stages/step.ts
    epoch: 5
    outputs: {weights: safetensor}
`,
    );
    const { code, stdout, stderr } = await project.execute(['run', '--file', 'bad.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`bad.yaml:6:5 unknown key "epoch"
     6 |     epoch: 5
       |     ~~~~~
  fix: use one of "description", "run", "command", "environment", "code", "paths", "each", "scan", "compute", "params", "inputs", "outputs", … (22 in all)
bad.yaml:7:24 "weights" is the text "safetensor", which is not allowed here
     7 |     outputs: {weights: safetensor}
       |                        ~~~~~~~~~~
  fix: did you mean "safetensors"?
`);
  });

  it('that is no YAML is shown at its place', async () => {
    project.write('broken.yaml', 'version: 1\nname: [x\n');
    const { code, stdout, stderr } = await project.execute(['status', '--file', 'broken.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^broken\.yaml:\d+:\d+ this is not valid YAML: /);
    expect(stderr).not.toContain('    at ');
  });

  it('that names a module which is not there is shown there', async () => {
    project.write(
      'gone.yaml',
      'version: 1\nname: gone\nstages:\n  a:\n    run: stages/gone.ts\n    outputs: {x: json}\n',
    );
    const { code, stdout, stderr } = await project.execute(['run', '--file', 'gone.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^gone\.yaml:5:10 the stage module stages\/gone\.ts cannot be read: /);
    expect(stderr).toContain('  fix: correct the path after "run:"');
  });

  it.each([
    ['code: [stages/step.ts, stages/stp.ts]', 'stages/stp.ts', '"code" names stages/stp.ts, and there is no such file'],
    ['code:\n      - stages\n      - "*.sh"', '"*.sh"', '"code" names *.sh, and there is no such file'],
    ['environment: {lock: uv.lock}', 'uv.lock', 'there is no lock file uv.lock'],
    ['environment: {root: rootfs}', 'rootfs', 'there is no root folder rootfs'],
    ['executor: there', 'there', 'stage "a" names the executor "there", which is not declared'],
  ])('that names what is not there is shown at the entry: %s', async (line, entry, fact) => {
    const text = `version: 1\nname: gone\nstages:\n  a:\n    command: [echo]\n    ${line}\n    outputs: {x: json}\n`;
    project.write('absent.yaml', text);
    const { code, stderr } = await project.execute(['run', '--file', 'absent.yaml']);
    expect(code).toBe(2);
    const before = text.slice(0, text.lastIndexOf(entry)).split('\n');
    expect(stderr).toContain(`absent.yaml:${before.length}:${(before.at(-1) as string).length + 1} ${fact}`);
  });

  it('in the syntax of a stage is shown in the stage', async () => {
    project.write('stages/broken.ts', 'export default {\n  run: (\n');
    project.write(
      'syntax.yaml',
      'version: 1\nname: syntax\nstages:\n  a:\n    run: stages/broken.ts\n    outputs: {x: json}\n',
    );
    const { code, stderr } = await project.execute(['run', '--file', 'syntax.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^stages\/broken\.ts:3:1 /);
    expect(stderr).not.toContain('    at ');
  });
});

describe('--help', () => {
  it.each([
    'run',
    'status',
    'explain',
    'graph',
    'history',
    'history show',
    'history trace',
    'diff',
    'report',
    'cache',
    'cache ls',
    'cache show',
    'cache stat',
    'cache get',
    'cache verify',
    'cache gc',
    'cache compact',
    'cache pin',
    'cache adopt',
    'cache unpin',
    'cache pins',
    'doctor',
    'init',
    'backends',
    'completion',
  ])('of %s is a manual page, and ends with 0', async (command) => {
    const { code, stdout, stderr } = await project.execute([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: vmfdag ${command} `));
    expect(stdout).toMatch(new RegExp(`\nExamples:\n(  \\$ vmfdag ${command}.*\n)+$`));
    const titles = [...stdout.matchAll(/^([A-Z][A-Za-z ]+):(?:$| vmfdag)/gm)].map(([, title]) => title);
    const hasJson = stdout.includes('  --json ') && command !== 'history trace';
    expect(titles.filter((title) => title !== 'Arguments' && title !== 'Commands')).toEqual([
      'Usage',
      'Options',
      'Files',
      ...(hasJson ? ['JSON'] : []),
      'Exit codes',
      'Examples',
    ]);
    // A paragraph and not a line.
    expect(stdout.split('\n\n')[1]?.length).toBeGreaterThan(80);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('  $'))).toEqual([]);
  });

  it('has all commands', async () => {
    const { stdout } = await project.execute(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name).filter((name) => name !== 'npm');
    expect(names).toEqual([
      'run',
      'status',
      'explain',
      'graph',
      'ui',
      'history',
      'diff',
      'report',
      'archive',
      'metrics',
      'experiments',
      'sweep',
      'cache',
      'init',
      'import',
      'backends',
      'doctor',
      'unit',
      'jobs',
      'completion',
      'help',
    ]);
  });

  it('of the program tells the exit codes', async () => {
    const { code, stdout } = await project.execute(['--help']);
    expect(code).toBe(0);
    for (const line of ['  0    done', '  1    a stage failed', '  2    the command line', '  130  interrupted']) {
      expect(stdout).toContain(line);
    }
  });

  it('and --version need no pipeline', async () => {
    const { code, stdout } = await project.execute(['--version', '--file', 'missing.yaml']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
