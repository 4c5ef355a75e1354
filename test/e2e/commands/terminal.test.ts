import { describe, expect, it } from 'vitest';
import { faultyProject } from '../support/faulty.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { hasTmux, Terminal } from '../support/terminal.ts';

const HEAD = /^━{28} \d+\/3 nodes, \d+ executed, /;

describe.skipIf(!hasTmux())(`a terminal${hasTmux() ? '' : ' (skipped: tmux is not installed)'}`, () => {
  it('shows a bar and what is running, and at the end the summary alone', async () => {
    const project = gateProject(3);
    const terminal = new Terminal('run', project.directory, 100, 12, ['run', '--jobs', '2']);
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    const running = await terminal.until((lines) => lines.some((line) => line.includes('wait/2')));
    expect(running).toHaveLength(3);
    expect(running[0]).toMatch(HEAD);
    expect(running[1]).toMatch(/^ {2}wait\/1 +\d+\.\d+ s {2}never run$/);
    expect(running[2]).toMatch(/^ {2}wait\/2 +\d+\.\d+ s {2}never run$/);

    project.write('gate', '');
    const ended = await terminal.until((lines) => lines.some((line) => line.startsWith('exit code')));
    expect(ended).toEqual([
      expect.stringMatching(/^done: 3 nodes executed, 0 up to date \(\d+\.\d+ s\)$/),
      'exit code 0',
    ]);
  });

  it.each([60, 44])('that is narrow (%i columns) gets no broken lines', async (columns) => {
    const project = gateProject(3);
    const terminal = new Terminal(`narrow-${columns}`, project.directory, columns, 12, ['run', '--jobs', '2']);
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    const running = await terminal.until((lines) => lines.some((line) => line.includes('wait/2')));
    expect(running[0]).toMatch(/^(━+ )?\d+\/3 nodes, \d+ executed, /);
    expect(running).toHaveLength(3);
    project.write('gate', '');
    const ended = await terminal.until((lines) => lines.some((line) => line.startsWith('exit code')));
    expect(ended.filter((line) => line.includes('━'))).toEqual([]);
  });

  it('keeps the text of a failure above the bar', async () => {
    const project = faultyProject();
    const terminal = new Terminal('failure', project.directory, 120, 30, [
      'run',
      '--keep-going',
      '--set',
      'kind=explains',
    ]);
    const ended = await terminal.until((lines) => lines.some((line) => line.startsWith('exit code')));
    expect(ended).toEqual([
      'FAILED   faulty',
      '  the weights are not finite',
      '    fix: lower the learning rate',
      '  its log ends with:',
      '    logged',
      '    printed',
      expect.stringMatching(/^failed: 3 nodes executed, 0 up to date, 1 failed, 1 not run \(\d+\.\d+ s\)$/),
      'exit code 1',
    ]);
  });

  it('takes Ctrl-C: once to finish what is running, twice to stop', async () => {
    const project = gateProject(3);
    const terminal = new Terminal('interrupt', project.directory, 100, 14, ['run', '--jobs', '2']);
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    terminal.press('C-c');
    const stopping = 'stopping: 2 running nodes may finish; interrupt again to stop them now';
    await terminal.until((lines) => lines.some((line) => line.includes(stopping)));
    terminal.press('C-c');
    const ended = await terminal.until((lines) => lines.some((line) => line.startsWith('exit code')));
    // The terminal itself writes ^C where the cursor is.
    expect(ended.map((line) => line.replaceAll('^C', '')).filter(Boolean)).toEqual([
      stopping,
      expect.stringMatching(/^interrupted: 0 nodes executed, 0 up to date, 3 not run \(\d+\.\d+ s\)$/),
      'everything finished is kept: the same command goes on from here',
      'exit code 130',
    ]);
  });
});

/** Python's, whose size is 0 × 0, as of a container with a terminal and no screen. */
const SIZELESS = ['python3', '-c', 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'];

it('a terminal without a size gets plain lines, and all of them', async () => {
  const project = gateProject(2);
  project.write('gate', '');
  const run = await project.execute(['run', '--jobs', '1'], { through: SIZELESS });
  expect(run.code).toBe(0);
  for (const start of ['start    wait/1', 'finish   wait/1', 'finish   wait/2', 'done: 2 nodes executed']) {
    expect(run.stdout.split('\r\n').filter((line) => line.startsWith(start))).toHaveLength(1);
  }
  expect(run.stdout).not.toContain('\x1b[?25l');
  const history = await project.execute(['history'], { through: SIZELESS });
  expect(history.stdout).toMatch(/default targets\r\n$/);
});
