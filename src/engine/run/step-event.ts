import type { Subject, Verdict } from '../staleness/judge.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Reader } from './command.ts';
import type { AttemptTimes } from './ledger.ts';
import type { Task } from './task.ts';

/** An event for `step`. */
export type StepEvent =
  /** What is up to date has been entered in the state; these are the first nodes that are not. */
  | { readonly type: 'surveyed'; readonly stale: readonly Task[] }
  | { readonly type: 'judged'; readonly subject: Subject; readonly verdict: Verdict; readonly continuesChain: boolean }
  /** @property lacking the nodes that made the missing bytes */
  | { readonly type: 'found bytes'; readonly reader: Reader; readonly lacking: readonly number[] }
  /** There is room for a queued task. */
  | { readonly type: 'admitted'; readonly task: Task }
  | { readonly type: 'ended'; readonly task: Task; readonly outcome: JobOutcome; readonly times: AttemptTimes }
  | { readonly type: 'quarantined'; readonly task: Task }
  | { readonly type: 'evicted' }
  /** Running tasks may finish, and nothing else begins. */
  | { readonly type: 'stopped' }
  /** The cache cannot be read or written, or there is a bug: the run ends without waiting for running tasks. */
  | { readonly type: 'broken'; readonly error: unknown };
