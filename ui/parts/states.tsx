import { type NodeStateName, type RunHead, STATES, type StateCounts } from '../../src/engine/views/live/protocol.ts';
import { formatCount } from '../format/numbers.ts';

/** The name of a state in style sheets: `up-to-date`. */
export function stateClass(state: string): string {
  return `state-${state.replaceAll(' ', '-')}`;
}

/** In the order in which bars show them: what is done, what goes on, what is left. */
const BAR_ORDER: readonly NodeStateName[] = [
  'up to date',
  'cut off',
  'cut short',
  'fetched',
  'executed',
  'running',
  'failed',
  'skipped',
  'stale',
  'waiting',
];

/** States that nothing more happens to. */
const DONE: readonly NodeStateName[] = ['up to date', 'cut off', 'cut short', 'fetched', 'executed'];

/** Whether a run is under way: then no other one can begin. */
export function isActive(head: RunHead | undefined): boolean {
  return head?.state === 'running' || head?.state === 'stopping';
}

export function countOf(counts: StateCounts, state: NodeStateName): number {
  return counts[STATES.indexOf(state)] ?? 0;
}

export function totalOf(counts: StateCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

export function doneOf(counts: StateCounts): number {
  return DONE.reduce((sum, state) => sum + countOf(counts, state), 0);
}

/** The states that some nodes are in, in the order of bars. */
export function presentStates(counts: StateCounts): readonly (readonly [NodeStateName, number])[] {
  return BAR_ORDER.flatMap((state) => {
    const count = countOf(counts, state);
    return count === 0 ? [] : [[state, count] as const];
  });
}

/** `12 executed, 3 running`. */
export function describeCounts(counts: StateCounts): string {
  return presentStates(counts)
    .map(([state, count]) => `${formatCount(count)} ${state}`)
    .join(', ');
}

/** A state in colour, form and words. */
export function StateMark({ state, label = state }: { readonly state: string; readonly label?: string }) {
  return (
    <span class={`mark ${stateClass(state)}`}>
      <StateSign state={state} />
      {label}
    </span>
  );
}

/** The form tells what the colour does: a cross, a ring, a bar, a disc. */
export function StateSign({ state }: { readonly state: string }) {
  return (
    <svg class={`sign ${stateClass(state)}`} viewBox="0 0 12 12" aria-hidden="true">
      {SIGNS[state] ?? <circle cx="6" cy="6" r="4.5" fill="currentColor" />}
    </svg>
  );
}

const RING = <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2" />;
const CROSS = <path d="M2.5 2.5L9.5 9.5M9.5 2.5L2.5 9.5" stroke="currentColor" stroke-width="2.4" fill="none" />;
const DASH = <path d="M2 6H10" stroke="currentColor" stroke-width="2.4" fill="none" />;
const RUNNING = <path d="M3 1.5L10.5 6L3 10.5Z" fill="currentColor" />;

const SIGNS: Readonly<Record<string, preact.JSX.Element>> = {
  running: RUNNING,
  stopping: RUNNING,
  stale: RING,
  waiting: RING,
  failed: CROSS,
  lost: CROSS,
  killed: CROSS,
  skipped: DASH,
  'cut short': DASH,
  interrupted: DASH,
};

/** How many nodes are in which state, as a bar. */
export function StateBar({ counts, label }: { readonly counts: StateCounts; readonly label: string }) {
  return (
    <svg class="bar" role="img" aria-label={`${label}: ${describeCounts(counts)}`}>
      <StateRects counts={counts} />
    </svg>
  );
}

/** In percent of a bar: what is rare stays visible. */
const LEAST_SHARE = 2;

/** The counts as parts of a bar, over the whole width of the drawing that holds them. */
export function StateRects({ counts }: { readonly counts: StateCounts }) {
  const present = presentStates(counts);
  const all = totalOf(counts);
  const shares = present.map(([, count]) => Math.max(LEAST_SHARE, (100 * count) / all));
  const scale = 100 / shares.reduce((a, b) => a + b, 0);
  let from = 0;
  return (
    <>
      {present.map(([state], at) => {
        const share = (shares[at] as number) * scale;
        const rect = (
          <rect
            key={state}
            class={stateClass(state)}
            x={`${from.toFixed(2)}%`}
            width={`${share.toFixed(2)}%`}
            height="100%"
          />
        );
        from += share;
        return rect;
      })}
    </>
  );
}
