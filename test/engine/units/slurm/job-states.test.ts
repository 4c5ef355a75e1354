import { describe, expect, it } from 'vitest';
import {
  causeOfEnd,
  describeEnd,
  isHeldAfterFailure,
  isLive,
  isWaiting,
  parseQueue,
  submissionProblem,
} from '../../../../src/engine/units/slurm/job-states.ts';
import { submitArguments } from '../../../../src/engine/units/slurm/slurm-commands.ts';

/** As squeue 22.05 prints them with `-h -r -t all -o '%i|%T|%N|%r'`. */
const PRINTED = `1_1|COMPLETED|n1|None
12_3|PENDING||Resources
12_4|RUNNING|n2|None
9|TIMEOUT|n1|TimeLimit
13_1|NODE_FAIL|n2|NodeDown
14_1|SOMETHING_NEW|n3|A reason | with a bar
slurm_load_jobs error: nothing
`;

describe('a job that waits after it was requeued', () => {
  const job = { id: '12_3', node: '' };

  it('has not started again', () => {
    expect(isWaiting({ ...job, state: 'PENDING', reason: 'BeginTime' })).toBe(true);
    expect(isWaiting({ ...job, state: 'REQUEUED', reason: 'None' })).toBe(true);
    expect(isWaiting({ ...job, state: 'RUNNING', reason: 'None' })).toBe(false);
  });

  it('is held for good where its node could not start it, and says so', () => {
    const held = { ...job, state: 'PENDING', reason: 'launch failed requeued held' };
    expect(isHeldAfterFailure(held)).toBe(true);
    expect(describeEnd(held)).toBe('job 12_3 could not be started (launch failed requeued held)');
    for (const reason of ['JobHeldUser', 'JobHeldAdmin', 'Resources']) {
      expect(isHeldAfterFailure({ ...held, reason })).toBe(false);
    }
  });
});

describe('jobs of SLURM', () => {
  it('are read as squeue prints them', () => {
    const jobs = parseQueue(PRINTED);
    expect(jobs.map(({ id }) => id)).toEqual(['1_1', '12_3', '12_4', '9', '13_1', '14_1']);
    expect(jobs.filter(isLive).map(({ id }) => id)).toEqual(['12_3', '12_4']);
    expect(jobs.filter((job) => causeOfEnd(job) === 'taken').map(({ id }) => id)).toEqual(['13_1']);
    expect(jobs.map(describeEnd).slice(3)).toEqual([
      'job 9 on n1 reached its time limit',
      'the node of job 13_1 on n2 failed',
      'job 14_1 on n3 ended as SOMETHING_NEW (A reason | with a bar)',
    ]);
  });

  it.each([
    ['sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)', 'passing'],
    ['sbatch: error: Batch job submission failed: Socket timed out on send/recv operation', 'passing'],
    ['sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.', 'passing'],
    [
      "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      'limit',
    ],
    ['sbatch: error: QOSMaxSubmitJobPerUserLimit', 'limit'],
    ['sbatch: error: invalid partition specified: missing', 'refused'],
    [
      'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified',
      'refused',
    ],
    ['sbatch: error: Memory specification can not be satisfied', 'refused'],
  ])('%s: %s', (words, problem) => {
    expect(submissionProblem(words)).toBe(problem);
  });

  it('ask for what their stages need', () => {
    const request = {
      name: 'vmfdag-cluster',
      tasks: 3,
      cpus: 4,
      memoryBytes: 3e9,
      gpus: 1,
      partition: 'gpu',
      account: undefined,
      timeSeconds: 5400,
      arguments: ['--qos=low'],
      folder: '/spool/run',
      logFile: '/spool/run/logs/%A_%a.log',
      script: '',
    };
    const args = submitArguments(request);
    expect(args).toEqual(
      expect.arrayContaining([
        '--array=1-3',
        '--cpus-per-task=4',
        '--mem=2862M',
        '--gpus=1',
        '--partition=gpu',
        '--time=90',
      ]),
    );
    expect(args.at(-1)).toBe('--qos=low');
    const least = submitArguments({ ...request, memoryBytes: 0, gpus: 0, partition: undefined, timeSeconds: 20 });
    expect(least.filter((arg) => /^--(mem|gpus|partition)/.test(arg))).toEqual([]);
    expect(least).toContain('--time=1');
  });
});
