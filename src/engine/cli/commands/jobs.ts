import { cancelClusterJobs, clusterJobs } from '../../api/units/cluster-jobs.ts';
import { formatCount, formatTable } from '../../views/terminal/format.ts';
import { openProject, type ProjectOptions } from '../options/project-options.ts';
import { EXIT } from '../process/exit-codes.ts';
import { line, printJson } from '../process/output.ts';

export interface JobsOptions extends ProjectOptions {
  readonly cancel?: boolean;
  readonly json?: boolean;
}

/** `vmfdag jobs`: what runs of the project have on clusters. */
export async function jobs({ cancel, json, ...options }: JobsOptions): Promise<number> {
  const found = await clusterJobs(openProject(options));
  if (cancel) await cancelClusterJobs(found);
  if (json) printJson(found);
  else if (found.length === 0) line('no jobs wait or run');
  else {
    const rows = found.map(({ id, state, node, reason, executor, run }) => [
      id,
      state.toLowerCase(),
      node === '' ? reason : node,
      executor,
      run,
    ]);
    line(formatTable([['job', 'state', 'where', 'executor', 'run'], ...rows]));
    if (cancel) line(`${formatCount(found.length, 'job')} cancelled`);
  }
  return EXIT.done;
}
