import type { Running } from '../../support/command-line.ts';
import type { Fault, Undo } from './faults.ts';
import { pick, processesOf, type RoundProcess, type Scene } from './scene.ts';

const WORKER = /worker\.cjs/;
const UNIT = /vmfdag\.cjs unit /;
const ENGINE = /vmfdag\.executor /;
const LINE = /^\S*node \S+line\.mjs |^ssh /;

const nothing = () => {};

/** Processes that end at once, or stand still. */
export const processFaults: readonly Fault[] = [
  {
    name: 'kill -9 of the run',
    ends: 'killed',
    fits: () => true,
    strike: (_scene, run) => {
      run.signal('SIGKILL');
      return nothing;
    },
  },
  {
    name: 'SIGTERM to the run',
    ends: 'terminated',
    fits: () => true,
    strike: (_scene, run) => {
      run.signal('SIGTERM');
      return nothing;
    },
  },
  {
    name: 'kill -9 of a worker',
    ends: 'with a lost node',
    fits: () => true,
    strike: (scene) => kill(scene, ({ line }) => WORKER.test(line)),
  },
  {
    name: 'kill -9 of a unit',
    ends: 'as ever',
    fits: ({ executor }) => executor !== 'local',
    strike: (scene) => kill(scene, ({ line }) => UNIT.test(line) && !LINE.test(line)),
  },
  {
    name: 'kill -9 of a pilot',
    ends: 'as ever',
    fits: ({ executor }) => executor === 'futures',
    strike: (scene) => kill(scene, ({ line }) => ENGINE.test(line)),
  },
  {
    name: 'kill -9 of a connection',
    ends: 'as ever',
    fits: ({ executor }) => executor === 'command lines' || executor === 'SSH',
    strike: (scene) => kill(scene, ({ line }) => LINE.test(line)),
  },
  {
    name: 'a process stands still',
    ends: 'as ever',
    fits: () => true,
    strike: (scene, run) => standStill(scene, run),
  },
];

function kill(scene: Scene, isVictim: (process: RoundProcess) => boolean): Undo {
  const victims = processesOf(scene).filter(isVictim);
  if (victims.length === 0) return undefined;
  return signal(pick(scene.random, victims).pid, 'SIGKILL') ? nothing : undefined;
}

function standStill(scene: Scene, run: Running): Undo {
  const { pid } = pick(scene.random, [{ pid: run.pid }, ...processesOf(scene)]);
  return signal(pid, 'SIGSTOP') ? () => void signal(pid, 'SIGCONT') : undefined;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
