import { execFile } from 'node:child_process';
import { parseQueue, QUEUE_FORMAT, type QueuedJob, type SubmissionProblem, submissionProblem } from './job-states.ts';

/** A controller under load answers late, and says so itself before. */
const LIMIT_MS = 120_000;

/** An array is one argument of `squeue`; many of them make a line that no system takes. */
const MOST_IDS = 500;

/** What a job asks for. */
export interface JobRequest {
  readonly name: string;
  readonly tasks: number;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  readonly partition: string | undefined;
  readonly account: string | undefined;
  readonly timeSeconds: number | undefined;
  /** Further ones of sbatch. */
  readonly arguments: readonly string[];
  /** Where jobs start. */
  readonly folder: string;
  /** With %A and %a. */
  readonly logFile: string;
  readonly script: string;
}

export type Submission =
  | { readonly kind: 'submitted'; readonly array: string }
  | { readonly kind: SubmissionProblem; readonly words: string };

/** Submits an array of equal jobs. */
export async function submitJobs(request: JobRequest): Promise<Submission> {
  const { code, output, words } = await run('sbatch', submitArguments(request), request.script);
  // A cluster of several says `12;name`.
  const [, array] = /^(\d+)(;\S+)?\s*$/m.exec(output) ?? [];
  if (code === 0 && array !== undefined) return { kind: 'submitted', array };
  return { kind: submissionProblem(words), words: words.trim() || output.trim() || `sbatch ended with ${code}` };
}

/** The arguments of `sbatch`. */
export function submitArguments(request: JobRequest): readonly string[] {
  const { name, tasks, cpus, memoryBytes, gpus, partition, account, timeSeconds, folder, logFile } = request;
  return [
    '--parsable',
    `--array=1-${tasks}`,
    `--job-name=${name}`,
    `--chdir=${folder}`,
    `--output=${logFile}`,
    '--open-mode=append',
    // A run sends the nodes of a job that starts again to others meanwhile, and the new start takes new ones.
    '--requeue',
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    ...(memoryBytes > 0 ? [`--mem=${Math.ceil(memoryBytes / 2 ** 20)}M`] : []),
    ...(gpus > 0 ? [`--gpus=${gpus}`] : []),
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(timeSeconds === undefined ? [] : [`--time=${Math.max(1, Math.ceil(timeSeconds / 60))}`]),
    ...request.arguments,
  ];
}

/** The jobs of arrays that the controller still knows; undefined where it cannot be asked. */
export async function queuedJobs(arrays: readonly string[]): Promise<readonly QueuedJob[] | undefined> {
  const jobs: QueuedJob[] = [];
  for (let at = 0; at < arrays.length; at += MOST_IDS) {
    const some = arrays.slice(at, at + MOST_IDS);
    const args = ['-h', '-r', '-t', 'all', '-o', QUEUE_FORMAT, '-j', some.join(',')];
    const { code, output, words } = await run('squeue', args);
    // It forgets jobs some minutes after their end, and refuses a list of forgotten ones alone.
    if (code !== 0 && !/Invalid job id/i.test(words)) return undefined;
    jobs.push(...parseQueue(output));
  }
  return jobs;
}

/** Cancels jobs; those that have ended stay as they are. @param ids `12`, or `12_3` */
export async function cancelJobs(ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += MOST_IDS) await run('scancel', ids.slice(at, at + MOST_IDS));
}

/** How many tasks an array may have, by the settings of the cluster; Slurm's own default where they do not say. */
export async function largestArray(): Promise<number> {
  const { output } = await run('scontrol', ['show', 'config']);
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(output) ?? [];
  return Math.max(1, Number(size ?? 1001) - 1);
}

interface Ended {
  /** null: it could not be started, or was killed. */
  readonly code: number | null;
  readonly output: string;
  readonly words: string;
}

function run(program: string, args: readonly string[], input?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { timeout: LIMIT_MS, maxBuffer: 1 << 28, encoding: 'utf8' },
      (error, output, words) => {
        const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
        resolve({ code, output, words: words || (error?.message ?? '') });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}
