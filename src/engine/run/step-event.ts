import type { Subject, Verdict } from '../staleness/staleness.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Reader } from './command.ts';
import type { AttemptTimes } from './ledger.ts';
import type { Task } from './task.ts';

/** What `step` is told. */
export type StepEvent =
  /** What is up to date is entered in the state; these are the first nodes that are not. */
  | { readonly type: 'surveyed'; readonly stale: readonly Task[] }
  | { readonly type: 'judged'; readonly subject: Subject; readonly verdict: Verdict; readonly continuesChain: boolean }
  /** @property lacking the nodes that made what is not there. */
  | { readonly type: 'found bytes'; readonly reader: Reader; readonly lacking: readonly number[] }
  /** There is room for a task that was queued. */
  | { readonly type: 'admitted'; readonly task: Task }
  | { readonly type: 'ended'; readonly task: Task; readonly outcome: JobOutcome; readonly times: AttemptTimes }
  | { readonly type: 'quarantined'; readonly task: Task }
  | { readonly type: 'evicted' }
  /** What runs may finish, and nothing else is begun. */
  | { readonly type: 'stopped' }
  /** The cache cannot be read or written, or there is a bug: the run ends without waiting for what runs. */
  | { readonly type: 'broken'; readonly error: unknown };
