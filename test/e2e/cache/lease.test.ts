import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { gateProject, processOf } from '../support/gate.ts';
import { childrenOf, isAlive } from '../support/processes.ts';

const NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** Processes that come first give the command line another number. */
const LATER = [...NAMESPACE, 'sh', '-c', 'for i in 1 2 3 4 5 6 7; do true & wait; done; "$@"; exit $?', 'sh'];
const mayUnshare = spawnSync(NAMESPACE[0] as string, [...NAMESPACE.slice(1), 'true']).status === 0;

describe.runIf(mayUnshare)('two containers with one cache (skipped where no PID namespace may be made)', () => {
  it.each([
    ['the same number', NAMESPACE, NAMESPACE],
    ['different numbers', NAMESPACE, LATER],
  ])('run one after the other, where their processes have %s', async (_, first, second) => {
    const project = gateProject(2);
    const running = project.start(['run', '--jobs', '1'], { through: first });
    await processOf(project, 1);
    for (const command of ['status', 'history']) {
      expect(await project.execute([command], { through: second })).toMatchObject({ code: 0, stderr: '' });
    }
    const refused = await project.execute(['run', '--no-wait'], { through: second });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /another run uses this cache: process \d+ of another container, since .*"vmfdag run --jobs 1"/,
    );
    const waiting = project.start(['run', '--json'], { through: second });
    await waiting.until((run) => run.errorText().includes('waiting for another run on this cache: process'));
    project.write('gate', '');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    const report = await waiting.ended;
    expect(report.code).toBe(0);
    expect(report.stdout).toContain('"executed":0');
  });

  it('a container that is removed does not block the next', async () => {
    const project = gateProject(1);
    const running = project.start(['run'], { through: NAMESPACE });
    await processOf(project, 1);
    const [inside] = childrenOf(running.pid);
    running.signal('SIGKILL');
    await running.ended;
    project.write('gate', '');
    const next = await project.execute(['run', '--json', '--no-wait'], { through: NAMESPACE });
    expect(next).toMatchObject({ code: 0, stderr: '' });
    expect(inside !== undefined && isAlive(inside)).toBe(false);
  });
});

it('a target that does not exist is refused at once, whoever runs', async () => {
  const project = gateProject(1);
  const running = project.start(['run']);
  await processOf(project, 1);
  const refused = await project.execute(['run', 'wiat']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^there is no .*"wiat"\n.*"wait"/) });
  project.write('gate', '');
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});

it('a run whose process is killed does not block the next, and counts as killed', async () => {
  const project = gateProject(1);
  const running = project.start(['run']);
  await processOf(project, 1);
  const states = async () => (await project.json<readonly { state: string }[]>(['history'])).map(({ state }) => state);
  while ((await states()).length === 0);
  expect(await states()).toEqual(['running']);
  running.signal('SIGKILL');
  await running.ended;
  expect(await states()).toEqual(['killed']);
  project.write('gate', '');
  expect(await project.execute(['run', '--no-wait'])).toMatchObject({ code: 0, stderr: '' });
  expect(await states()).toEqual(['done', 'killed']);
});
