/** A job of the cluster, as `squeue` shows it. */
export interface QueuedJob {
  /** `12_3`: array and task. */
  readonly id: string;
  /** `RUNNING`, `PENDING`, … */
  readonly state: string;
  /** Where it runs; empty before. */
  readonly node: string;
  /** Why it waits, or has ended. */
  readonly reason: string;
}

/** What `squeue` prints in this format is read by `parseQueue`. */
export const QUEUE_FORMAT = '%i|%T|%N|%r';

/** Reads the output of `squeue -h -r -o QUEUE_FORMAT`. Lines of other forms are left out. */
export function parseQueue(output: string): readonly QueuedJob[] {
  return output.split('\n').flatMap((line) => {
    const [id, state, node, ...reason] = line.trim().split('|');
    if (!id || !/^\d+(_\d+)?$/.test(id) || !state) return [];
    return [{ id, state, node: node ?? '', reason: reason.join('|') }];
  });
}

/** States in which a job may still do something. Others are ends, also those that later versions add. */
const LIVE = new Set([
  'PENDING',
  'CONFIGURING',
  'RUNNING',
  'COMPLETING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'RESIZING',
  'SPECIAL_EXIT',
]);

export function isLive({ state }: QueuedJob): boolean {
  return LIVE.has(state);
}

/** A job that was requeued, and has not started again. */
export function isWaiting({ state }: QueuedJob): boolean {
  return state === 'PENDING' || state.startsWith('REQUEUE');
}

/** A job that its node could not start: SLURM holds it until an administrator releases it. */
export function isHeldAfterFailure({ state, reason }: QueuedJob): boolean {
  return state === 'PENDING' && /failed,? requeued held/i.test(reason);
}

/** States that say nothing of what the job did. */
const TAKEN = new Set(['PREEMPTED', 'CANCELLED', 'NODE_FAIL', 'BOOT_FAIL']);

/** Why a unit lost its job; undefined where the unit itself may be the cause. */
export function causeOfEnd({ state }: QueuedJob): 'taken' | 'memory' | undefined {
  if (TAKEN.has(state)) return 'taken';
  return state === 'OUT_OF_MEMORY' ? 'memory' : undefined;
}

/** How a job ended, for people. */
export function describeEnd({ id, state, node, reason }: QueuedJob): string {
  const where = node === '' ? '' : ` on ${node}`;
  switch (state) {
    case 'PENDING':
      return `job ${id} could not be started (${reason})`;
    case 'TIMEOUT':
      return `job ${id}${where} reached its time limit`;
    case 'PREEMPTED':
      return `job ${id}${where} was preempted`;
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return `the node of job ${id}${where} failed`;
    case 'CANCELLED':
      return `job ${id}${where} was cancelled`;
    case 'OUT_OF_MEMORY':
      return `job ${id}${where} needed more memory than it had asked for`;
    case 'COMPLETED':
      return `job ${id}${where} has ended`;
    default: {
      const why = reason === '' || reason === 'None' ? '' : ` (${reason})`;
      return `job ${id}${where} ended as ${state}${why}`;
    }
  }
}

/** What went wrong when jobs were submitted. */
export type SubmissionProblem =
  /** The controller is busy or away. */
  | 'passing'
  /** As many jobs as are allowed are there. */
  | 'limit'
  /** It is refused for good. */
  | 'refused';

/** Tells by the words of `sbatch`: all of them end with 1. */
export function submissionProblem(words: string): SubmissionProblem {
  if (
    /job submit limit|MaxSubmit|QOSMaxSubmit|AssocMaxSubmit|AssocGrpSubmit|MaxJobCount|Unable to allocate.*limit/i.test(
      words,
    )
  ) {
    return 'limit';
  }
  const isPassing =
    /Unable to contact slurm controller|Socket timed out|Zero Bytes|temporarily (unavailable|unable)|Connection (refused|timed out)|try again|Slurm backup controller|Transport endpoint|Communication connection failure/i;
  return isPassing.test(words) ? 'passing' : 'refused';
}
