import { Failure } from '../../base/failure.ts';
import { spoolOf } from '../../units/slurm/slurm-executor.ts';
import { cancelSpooledJobs, type SpooledJob, spooledJobs } from '../../units/slurm/spooled-jobs.ts';
import { knownExecutors } from '../project/executors.ts';
import type { Project } from '../project/project.ts';

/**
 * What the runs of a project have on clusters now.
 * @throws {Failure} kind `environment` where a scheduler cannot be asked
 */
export async function clusterJobs(project: Project): Promise<readonly SpooledJob[]> {
  const found = new Map<string, SpooledJob>();
  for (const { name, way } of knownExecutors(project).values()) {
    if (way.kind !== 'slurm') continue;
    const jobs = await spooledJobs(name, spoolOf(way, project.root));
    if (!jobs) {
      throw new Failure('environment', {
        fact: `executor ${name}: squeue gives no answer`,
        fix: 'see what "squeue" says; SLURM_CONF may have to be set',
      });
    }
    // Two executors may share a spool folder.
    for (const job of jobs) if (!found.has(job.id)) found.set(job.id, job);
  }
  return [...found.values()];
}

/** Ends jobs, whatever they are at. */
export const cancelClusterJobs: (jobs: readonly SpooledJob[]) => Promise<void> = cancelSpooledJobs;
