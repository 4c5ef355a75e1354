import type { RunSummary } from './events.ts';
import type { RunState } from './run-state.ts';
import { timingOfRun } from './run-timing.ts';

/**
 * How a run has ended.
 * @param seconds that it took
 * @param slotsOf how many nodes an executor executes at a time; undefined stands for this machine
 */
export function summaryOf(
  { nodes, counts, ledger, problem, isInterrupted }: RunState,
  seconds: number,
  slotsOf: (executor: string | undefined) => number,
): RunSummary {
  const ended = counts.failed > 0 || problem !== undefined ? 'failed' : 'done';
  const cutShort = ledger.nodesThatAre('cut short').length;
  const used = new Set(ledger.attempts.map(({ executor }) => executor));
  const slots = [...used].reduce((sum, executor) => sum + slotsOf(executor), 0);
  const timing = timingOfRun(nodes, ledger.attempts, seconds, slots);
  return {
    type: 'summary',
    outcome: isInterrupted ? 'interrupted' : ended,
    ...counts,
    upToDate: ledger.nodesThatAre('up to date').length,
    cutOff: ledger.nodesThatAre('cut off').length,
    skipped: ledger.nodesThatAre('skipped').length,
    ...(cutShort > 0 ? { cutShort } : {}),
    seconds,
    ...(timing ? { timing } : {}),
  };
}
