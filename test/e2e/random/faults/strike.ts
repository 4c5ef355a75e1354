import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomStream } from '../../../../src/engine/base/random.ts';
import type { RunEvent } from '../../../../src/engine/run/events.ts';
import type { Ended, Running, SpawnOptions } from '../../support/command-line.ts';
import { fillDisk } from '../../support/full-disk.ts';
import { workersOf } from '../../support/processes.ts';
import type { Project } from '../../support/project.ts';
import { crashedInStore } from './check-end.ts';
import type { FaultKind } from './kinds.ts';

/** A run that a fault is to befall. */
export interface Victim {
  readonly project: Project;
  readonly cache: string;
  readonly random: RandomStream;
}

/** How the command line has to be started for a fault that is there from the beginning. */
export function startOptions(kind: FaultKind, { cache, random }: Victim): SpawnOptions {
  // Its own group, so that it can be killed as a whole.
  if (kind !== 'file size limit') return { detached: true };
  const size = statSync(join(cache, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0;
  const kibibytes = Math.ceil(size / 1024) + random.integer(400);
  return { detached: true, through: ['bash', '-c', `ulimit -f ${kibibytes}; exec "$@"`, 'bash'] };
}

/**
 * Waits for a random moment of a run and does what the fault is. Moments are counted in events of nodes, and a little time after
 * them, so that they are spread over a run whatever the speed of the machine.
 *
 * @returns whether it came in time, to be asked once the run has ended, and how to undo it.
 */
export async function strike(kind: FaultKind, run: Running, victim: Victim): Promise<Aftermath> {
  const { project, cache, random } = victim;
  const moment = random.integer(25);
  const wait = random.uniform() * (moment === 0 ? 400 : 20);
  await run.until((running) => nodeEvents(running.events()) >= moment);
  await sleep(wait);
  switch (kind) {
    case 'kill -9 group':
      return orTooLate(() => run.signalGroup('SIGKILL'), killed);
    case 'kill -9 parent': {
      const orphans = workersOf(run.pid);
      run.signal('SIGKILL');
      return { struck: killed, undo: nothing, orphans };
    }
    case 'kill -9 worker': {
      const workers = workersOf(run.pid);
      const worker = workers[random.integer(Math.max(1, workers.length))];
      if (worker === undefined) return TOO_LATE;
      return orTooLate(
        () => process.kill(worker, 'SIGKILL'),
        () => true,
      );
    }
    case 'SIGTERM':
      run.signal('SIGTERM');
      return { struck: terminated, undo: nothing };
    case 'SIGTERM twice':
      run.signal('SIGTERM');
      await sleep(random.uniform() * 20);
      run.signal('SIGTERM');
      return { struck: terminated, undo: nothing };
    case 'worker aborts':
      return trouble(project, 'abort');
    case 'worker out of memory':
      return trouble(project, 'memory');
    case 'file size limit':
      return { struck: stoppedByStore, undo: nothing };
    case 'full disk': {
      const ballast = join(cache, '..', 'ballast');
      fillDisk(ballast, random.integer(8));
      return { struck: stoppedByStore, undo: () => rmSync(ballast) };
    }
  }
}

export interface Aftermath {
  readonly struck: (ended: Ended) => boolean;
  readonly undo: () => void;
  /** Workers that have lost their parent. */
  readonly orphans?: readonly number[];
}

const nothing = () => {};
const TOO_LATE: Aftermath = { struck: () => false, undo: nothing };

const killed = ({ signal }: Ended) => signal === 'SIGKILL';
const terminated = ({ code, signal }: Ended) => code === 130 || signal === 'SIGTERM';
const stoppedByStore = (ended: Ended) => ended.code === 1 || crashedInStore(ended);

/** Events that tell of the progress of a run; of nodes that were up to date there may be any number at once. */
function nodeEvents(events: readonly RunEvent[]): number {
  return events.filter(({ type }) => type === 'started' || type === 'finished').length;
}

function orTooLate(act: () => void, struck: Aftermath['struck']): Aftermath {
  try {
    act();
    return { struck, undo: nothing };
  } catch {
    return TOO_LATE;
  }
}

function trouble(project: Project, what: string): Aftermath {
  project.write('trouble-prepared', what);
  renameSync(project.path('trouble-prepared'), project.path('trouble'));
  const met = project.path('trouble-met');
  const isMet = existsSync(met);
  return {
    struck: () => !isMet && existsSync(met),
    undo: () => {
      rmSync(met, { force: true });
      rmSync(project.path('trouble'), { force: true });
    },
  };
}
