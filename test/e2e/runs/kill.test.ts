import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { chainsProject } from '../support/chains.ts';
import { nodesOf, reportOf } from '../support/command-line.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { childrenOf, isAlive } from '../support/processes.ts';
import type { Project } from '../support/project.ts';

const [CHAINS, STEPS, MILLISECONDS] = [3, 10, 40];

describe('kill -9', () => {
  let project: Project;
  let undisturbed: Awaited<ReturnType<Project['digests']>>;

  beforeAll(async () => {
    project = chainsProject(CHAINS, STEPS, MILLISECONDS);
    const cache = ['--cache', project.path('undisturbed')];
    expect((await project.run(cache)).code).toBe(0);
    undisturbed = await project.digests(cache);
  });

  it('of the whole process group at 20 random moments costs nothing that was finished, and no bit', async () => {
    const random = randomStream(20, 'moments of kill -9');
    const nodes = Object.keys(undisturbed).length;
    let kills = 0;
    for (let round = 1; kills < 20; round++) {
      const cache = ['--cache', project.path(`disturbed-${round}`)];
      const finished = new Set<string>();
      for (;;) {
        const run = project.start(['run', '--json', ...cache], { detached: true });
        if (kills < 20) {
          // Moments between spawn and the end, whatever the speed of the machine: after so many events, and a little time.
          const events = random.integer(24);
          await run.until((running) => running.events().length >= events);
          await sleep(random.uniform() * (events === 0 ? 400 : 40));
          try {
            run.signalGroup('SIGKILL');
          } catch {
            // It has already ended.
          }
        }
        const ended = await run.ended;
        const again = nodesOf(run.events(), 'started').filter((node) => finished.has(node));
        expect(again, 'nodes that were reported as finished, and are executed again').toEqual([]);
        for (const node of nodesOf(run.events(), 'finished')) finished.add(node);
        if (ended.signal === null) {
          expect(reportOf(ended)).toMatchObject({ code: 0, stderr: '', summary: { outcome: 'done' } });
          break;
        }
        expect(ended.signal).toBe('SIGKILL');
        kills++;
      }
      expect(await project.digests(cache)).toEqual(undisturbed);
      expect((await project.run(cache)).summary).toMatchObject({ executed: 0, upToDate: nodes });
    }
  });

  it('of the parent alone leaves no worker behind', async () => {
    const cache = ['--cache', project.path('orphaned')];
    const run = project.start(['run', '--json', ...cache]);
    await run.until((running) => nodesOf(running.events(), 'finished').length >= 4);
    const workers = childrenOf(run.pid);
    expect(workers.length).toBeGreaterThan(0);
    run.signal('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
    const finished: readonly string[] = nodesOf(run.events(), 'finished');
    const rerun = await project.run(cache);
    expect(rerun).toMatchObject({ code: 0, stderr: '' });
    expect(rerun.started.filter((node) => finished.includes(node))).toEqual([]);
    expect(await project.digests(cache)).toEqual(undisturbed);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('of a worker alone fails its node only, and says so', async () => {
    const waiting = gateProject(3);
    const run = waiting.start(['run', '--json', '--keep-going', '--jobs', '2']);
    process.kill(await processOf(waiting, 1), 'SIGKILL');
    waiting.write('gate', '');
    const report = reportOf(await run.ended);
    expect(report).toMatchObject({ code: 1, summary: { outcome: 'failed', executed: 2, failed: 1, skipped: 0 } });
    expect(report.events.find(({ type }) => type === 'failed')).toMatchObject({
      node: 'wait/1',
      diagnostic: {
        fact: 'the worker process of wait/1 was killed by SIGKILL',
        fix: expect.stringContaining('the system may be out of memory'),
      },
    });
    const rerun = await waiting.run();
    expect(rerun).toMatchObject({ code: 0, started: ['wait/1'] });
  });
});
