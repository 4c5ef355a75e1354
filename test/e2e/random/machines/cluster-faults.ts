import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Undo } from './faults.ts';
import { pick, type Scene } from './scene.ts';

const NODES = ['n1', 'n2', 'n3'];

const isOnCluster = ({ executor, isLimited }: Scene) => executor === 'SLURM' && !isLimited;

/** What befalls jobs of SLURM. */
export const clusterFaults: readonly Fault[] = [
  {
    name: 'scancel',
    ends: 'as ever',
    fits: isOnCluster,
    strike: (scene) => toSomeJob(scene, 'scancel'),
  },
  {
    name: 'scontrol requeue',
    ends: 'as ever',
    fits: isOnCluster,
    strike: (scene) => toSomeJob(scene, 'scontrol', 'requeue'),
  },
  {
    name: 'a node of the cluster dies',
    ends: 'as ever',
    fits: isOnCluster,
    strike: ({ random, rig }) => {
      const node = pick(random, NODES);
      rig.slurm().command('node-kill', node);
      return () => rig.slurm().command('node-start', node);
    },
  },
  {
    name: 'slurmd is restarted',
    ends: 'as ever',
    fits: isOnCluster,
    strike: ({ random, rig }) => {
      const node = pick(random, NODES);
      rig.slurm().command('node-stop', node);
      return () => rig.slurm().command('node-start', node);
    },
  },
  {
    name: 'kill -9 of slurmd',
    ends: 'as ever',
    fits: isOnCluster,
    strike: ({ random, rig }) => {
      const node = pick(random, NODES);
      rig.slurm().command('slurmd-kill', node);
      return () => rig.slurm().command('node-start', node);
    },
  },
  {
    name: 'slurmctld is away',
    ends: 'as ever',
    fits: isOnCluster,
    strike: ({ rig }) => {
      rig.slurm().command('ctld-stop');
      return () => rig.slurm().command('ctld-start');
    },
  },
  {
    name: 'kill -9 of slurmctld',
    ends: 'as ever',
    fits: isOnCluster,
    strike: ({ rig }) => {
      rig.slurm().command('ctld-kill');
      return () => rig.slurm().command('ctld-start');
    },
  },
  {
    name: 'the time limit',
    ends: 'as ever',
    fits: ({ isLimited }) => isLimited,
    strike: async (_scene, run) => {
      const reached = await Promise.race([
        run.until((each) => /time limit/.test(each.outputText())),
        sleep(200_000, false),
      ]);
      return reached ? () => {} : undefined;
    },
  },
];

function toSomeJob(scene: Scene, program: string, ...args: readonly string[]): Undo {
  const jobs = jobsIn(scene, 'RUNNING,PENDING');
  if (jobs.length === 0) return undefined;
  try {
    slurm(scene, program, ...args, pick(scene.random, jobs));
    return () => {};
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** Ids of the jobs in these states; undefined jobs of a controller that is away are none. */
export function jobsIn(scene: Scene, states: string): readonly string[] {
  try {
    return slurm(scene, 'squeue', '-h', '-r', '-t', states, '-o', '%i').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function slurm({ env }: Scene, program: string, ...args: readonly string[]): string {
  const { SLURM_CONF } = env;
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, SLURM_CONF },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
