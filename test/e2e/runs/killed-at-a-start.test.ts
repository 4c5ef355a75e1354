import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { type Running, reportOf } from '../support/command-line.ts';
import { processesOf, workersOf } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

const NODES = 20;

/** Nodes that only end by being killed. */
function sleepers(seconds: number): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: sleepers
stages:
  asleep:
    command: [sleep, "${seconds}"]
    each: {node: {from: 1, to: ${NODES}}}
    outputs: {made: json}
`,
  });
}

/** Whether it has forked: whoever waits for this is there before the worker has said so. */
function hasChild(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '';
  } catch {
    return true;
  }
}

/** Waits without a pause, at most for the time that a worker takes to start. */
function waitForChild(pid: number): void {
  const started = performance.now();
  while (!hasChild(pid) && performance.now() - started < 2000);
}

async function killWorkers(run: Running, seed: number, hasEnded: () => boolean): Promise<void> {
  const random = randomStream(seed, 'moments of kill -9 at a start');
  while (!hasEnded()) {
    const [worker] = workersOf(run.pid);
    if (worker !== undefined) {
      if (random.uniform() < 0.7) waitForChild(worker);
      else await sleep(random.uniform() * 300);
      try {
        process.kill(worker, 'SIGKILL');
      } catch {
        // It was killed before, and is not buried yet.
      }
    }
    await sleep(1);
  }
}

const CHILDREN = `/proc/${process.pid}/task/${process.pid}/children`;
const reason = existsSync(CHILDREN) ? '' : ' (skipped: the system does not list the children of a process)';

describe.skipIf(reason !== '')(`a program that has just been started${reason}`, () => {
  it('ends when its worker is killed by kill -9, whatever the worker has said of it', async () => {
    const run = sleepers(4331).start(['run', '--json', '--keep-going', '--jobs', '1']);
    let hasEnded = false;
    const ended = run.ended.finally(() => {
      hasEnded = true;
    });
    await killWorkers(run, 1, () => hasEnded);
    expect(reportOf(await ended)).toMatchObject({ code: 1, summary: { outcome: 'failed', failed: NODES } });
    expect(processesOf('sleep 4331')).toEqual([]);
  });

  it('ends when its worker and the run are killed at once', async () => {
    for (let round = 0; round < 8; round++) {
      const run = sleepers(4332).start(['run', '--jobs', '1']);
      await vi.waitFor(() => expect(workersOf(run.pid)).not.toEqual([]), { timeout: 20_000, interval: 1 });
      const [worker = 0] = workersOf(run.pid);
      waitForChild(worker);
      // The run first: the worker has not told the system that it is gone.
      run.signal('SIGKILL');
      process.kill(worker, 'SIGKILL');
      await run.ended;
      await vi.waitFor(() => expect(processesOf('sleep 4332')).toEqual([]), { timeout: 20_000, interval: 50 });
    }
  });
});
