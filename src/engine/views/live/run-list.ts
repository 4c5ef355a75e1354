import type { RunRecord } from '../../store/store.ts';
import type { RunHead, RunList, RunListItem } from './protocol.ts';

/** A page of runs. @param before the id of a run that the page has */
export function runList(
  runs: Iterable<RunRecord>,
  stateOf: (run: RunRecord) => RunHead['state'],
  before: string | undefined,
  limit: number,
): RunList {
  const found: RunListItem[] = [];
  let isAfter = before === undefined;
  for (const run of runs) {
    if (!isAfter) {
      isAfter = run.id === before;
      continue;
    }
    if (found.length === limit) return { runs: found, next: found.at(-1)?.run ?? null };
    found.push(item(run, stateOf(run)));
  }
  return { runs: found, next: null };
}

function item(run: RunRecord, state: RunHead['state']): RunListItem {
  const { id, startedAt, seconds, profile, targets, overrides = [], counts, revision, timing, label } = run;
  return {
    run: id,
    name: label?.name ?? null,
    note: label?.note ?? null,
    state,
    startedAt,
    seconds,
    profile,
    targets,
    overrides,
    counts,
    commit: revision ? `${revision.commit}${revision.dirty ? '+' : ''}` : null,
    efficiency: timing?.efficiency ?? null,
  };
}
