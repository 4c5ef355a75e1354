import type { RunRecord } from '../../store/store.ts';

/** The settings of a run. Two runs of the same settings differ only in the code, the pipeline file's text and the targets. */
export type RunSettings = Pick<RunRecord, 'root' | 'file' | 'profile' | 'overrides'>;

/**
 * For each pipeline file, profile, `--set` and choice of targets on a cache: the last complete run, and the last one. A long run that was interrupted
 * goes on from what it had. The settings in force are left out: the present pipeline says what they need.
 *
 * @param runs newest first
 */
export function lastRunsOfOthers(runs: Iterable<RunRecord>, inForce: RunSettings): readonly RunRecord[] {
  const [last, complete] = [new Map<string, RunRecord>(), new Map<string, RunRecord>()];
  for (const run of runs) {
    if (nameOf(run) === nameOf(inForce)) continue;
    const name = JSON.stringify([nameOf(run), [...run.targets].sort()]);
    if (!last.has(name)) last.set(name, run);
    if (run.state === 'done' && !complete.has(name)) complete.set(name, run);
  }
  return [...new Set([...last.values(), ...complete.values()])];
}

function nameOf({ root, file, profile, overrides = [] }: RunSettings): string {
  return JSON.stringify([root, file ?? 'pipeline.yaml', profile, overrides]);
}
