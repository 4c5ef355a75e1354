import type { CodeRevision, RunRecord } from '../../store/store.ts';

export type RunState = RunRecord['state'] | 'killed';

/**
 * How a run ended. A run that says it is running although nobody holds its lease was killed.
 * @param lease the token under which the lease is held now, if it is
 */
export function stateOf({ state, process }: RunRecord, lease: string | undefined): RunState {
  if (state !== 'running') return state;
  return lease !== undefined && process?.lease === lease ? 'running' : 'killed';
}

/** What was asked for, on one line: `quick: fig5, fig3 --set leaf=2`. */
export function describeAsked({ profile, targets, overrides = [] }: RunRecord): string {
  const what = targets.length > 0 ? targets.join(', ') : 'default targets';
  return [`${profile === null ? '' : `${profile}: `}${what}`, ...overrides.map((each) => `--set ${each}`)].join(' ');
}

/** `948d687`, with a plus where files differed from that commit; a dash where it is unknown. */
export function describeRevision(revision: CodeRevision | undefined): string {
  return revision ? `${revision.commit.slice(0, 7)}${revision.dirty ? '+' : ''}` : '–';
}
