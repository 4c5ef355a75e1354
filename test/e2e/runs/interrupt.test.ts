import { describe, expect, it } from 'vitest';
import { nodesOf, reportOf } from '../support/command-line.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { withoutTimes } from '../support/summary.ts';

describe('an interrupt', () => {
  it.each([
    ['of the process', 'SIGINT', false],
    ['of the whole group, as by Ctrl-C in a terminal', 'SIGINT', true],
    ['by SIGTERM', 'SIGTERM', false],
  ] as const)('%s lets running nodes finish, and a rerun continues from there', async (_what, signal, group) => {
    const project = gateProject(5);
    const run = project.start(['run', '--json', '--jobs', '2'], { detached: group });
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    if (group) run.signalGroup(signal);
    else run.signal(signal);
    await run.until((running) => running.events().some(({ type }) => type === 'stopping'));
    project.write('gate', '');
    const report = reportOf(await run.ended);
    expect(report).toMatchObject({ code: 130, stderr: '', finished: ['wait/1', 'wait/2'] });
    expect(report.summary).toMatchObject({ outcome: 'interrupted', executed: 2, failed: 0, skipped: 3 });
    expect(report.events.find(({ type }) => type === 'stopping')).toEqual({ type: 'stopping', running: 2 });

    const rerun = await project.run();
    expect(rerun).toMatchObject({ code: 0, started: ['wait/3', 'wait/4', 'wait/5'], summary: { upToDate: 2 } });
  });

  it('that is repeated ends running nodes at once', async () => {
    const project = gateProject(3);
    const run = project.start(['run', '--jobs', '2']);
    await Promise.all([processOf(project, 1), processOf(project, 2)]);
    run.signal('SIGINT');
    await run.until((running) => running.outputText().includes('stopping'));
    run.signal('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(withoutTimes(lines).slice(2)).toEqual([
      'stopping: 2 running nodes may finish; interrupt again to stop them now',
      expect.stringMatching(/^interrupted: 0 nodes executed, 0 up to date, 3 not run \(\d+\.\d+ s\)$/),
      'everything finished is kept: the same command goes on from here',
    ]);
    project.write('gate', '');
    expect(await project.run()).toMatchObject({ code: 0, started: ['wait/1', 'wait/2', 'wait/3'] });
  });
});

describe('two runs on one cache', () => {
  it('come one after the other: the second one waits, says for whom, and finds everything done', async () => {
    const project = gateProject(2);
    const first = project.start(['run', '--json']);
    await processOf(project, 1);
    const second = project.start(['run', '--json', '--jobs', '1']);
    await second.until((running) => running.errorText().includes('\n'));
    expect(second.errorText()).toMatch(
      new RegExp(
        `^waiting for another run on this cache: process ${first.pid}, since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z, "vmfdag run --json"\\n$`,
      ),
    );
    expect(second.events()).toEqual([]);
    project.write('gate', '');
    expect(reportOf(await first.ended)).toMatchObject({ code: 0, summary: { executed: 2 } });
    expect(reportOf(await second.ended)).toMatchObject({ code: 0, started: [], summary: { executed: 0, upToDate: 2 } });
  });

  it('--no-wait ends the second one with 1, and says who is at work', async () => {
    const project = gateProject(1);
    const first = project.start(['run', '--json', '--force', 'wait']);
    await processOf(project, 1);
    const { code, stdout, stderr } = await project.execute(['run', '--no-wait']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.replace(/since \S+Z/, 'since WHEN')).toBe(
      `another run uses this cache: process ${first.pid}, since WHEN, "vmfdag run --json --force wait"
  fix: wait for it, or give this one a cache of its own with --cache DIR
`,
    );
    project.write('gate', '');
    expect((await first.ended).code).toBe(0);
    expect(await project.run(['--no-wait'])).toMatchObject({ code: 0, summary: { executed: 0, upToDate: 1 } });
  });

  it('do not wait for one that was killed', async () => {
    const project = gateProject(2);
    const killed = project.start(['run', '--json'], { detached: true });
    await processOf(project, 1);
    killed.signalGroup('SIGKILL');
    await killed.ended;
    expect(nodesOf(killed.events(), 'finished')).toEqual([]);
    project.write('gate', '');
    const next = await project.run();
    expect(next).toMatchObject({ code: 0, stderr: '', started: ['wait/1', 'wait/2'] });
  });

  it('do not keep other commands waiting', async () => {
    const project = gateProject(2);
    const run = project.start(['run', '--json']);
    await processOf(project, 1);
    const readers = ['status', 'explain wait', 'graph', 'cache ls', 'cache stat', 'run --dry-run'];
    const ended = await Promise.all(readers.map((reader) => project.execute(reader.split(' '))));
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(readers.map(() => ({ code: 0, stderr: '' })));
    expect(ended[0]?.stdout).toBe(
      'stage  nodes  up to date  stale  waiting  time stored\nwait       2           0      2        0       0.00 s\n',
    );
    project.write('gate', '');
    expect((await run.ended).code).toBe(0);
  });
});
