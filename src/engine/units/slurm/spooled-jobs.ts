import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLive, type QueuedJob } from './job-states.ts';
import { cancelJobs, queuedJobs } from './slurm-commands.ts';

/** A job that waits or runs, with what it belongs to. */
export interface SpooledJob extends QueuedJob {
  readonly executor: string;
  readonly run: string;
}

/**
 * The jobs of runs in a spool folder that wait or run, also of runs that were killed.
 * @returns undefined where the scheduler cannot be asked
 */
export async function spooledJobs(executor: string, spool: string): Promise<readonly SpooledJob[] | undefined> {
  const found: SpooledJob[] = [];
  for (const [run, arrays] of arraysIn(spool)) {
    const jobs = await queuedJobs(arrays);
    if (!jobs) return undefined;
    found.push(...jobs.filter(isLive).map((job) => ({ ...job, executor, run })));
  }
  return found;
}

/** Cancels jobs of a spool folder. */
export function cancelSpooledJobs(jobs: readonly SpooledJob[]): Promise<void> {
  return cancelJobs(jobs.map(({ id }) => id));
}

/** Ids of arrays by run, as the runs have written them. */
function arraysIn(spool: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (!existsSync(spool)) return found;
  for (const run of readdirSync(spool, { withFileTypes: true })) {
    if (!run.isDirectory() || run.name === 'shared') continue;
    for (const kind of readdirSync(join(spool, run.name))) {
      const file = join(spool, run.name, kind, 'arrays');
      if (!existsSync(file)) continue;
      const ids = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => /^\d+$/.test(line));
      found.set(run.name, [...(found.get(run.name) ?? []), ...ids]);
    }
  }
  return found;
}
