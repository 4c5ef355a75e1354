import type { ArtefactDigest } from '../base/digest.ts';
import type { FetchedNode } from '../shared/shared-results.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { RunEvent } from './events.ts';
import type { AttemptTimes } from './ledger.ts';
import type { JobOfStep, Task } from './task.ts';

/** An event for `step`. */
export type StepEvent =
  | { readonly type: 'begun' }
  /** There is room for a queued task. */
  | { readonly type: 'admitted'; readonly task: Task }
  | { readonly type: 'ended'; readonly task: Task; readonly outcome: JobOutcome; readonly times: AttemptTimes }
  /** The shared cache has been asked; undefined where it has nothing for the task. */
  | { readonly type: 'lookedUp'; readonly task: Task; readonly found: FetchedNode | undefined }
  | { readonly type: 'quarantined'; readonly task: Task }
  | { readonly type: 'evicted' }
  /** Running tasks may finish, and nothing else begins. */
  | { readonly type: 'stopped' }
  /** The cache cannot be read or written, or there is a bug: the run ends without waiting for running tasks. */
  | { readonly type: 'broken'; readonly error: unknown };

/**
 * A command of `step`: something to tell the listener, or an action. An event answers each action but `recall` and `end`: a task is looked up in the shared
 * cache, a queued one is admitted, an executed one has ended.
 */
export type Command =
  | RunEvent
  | { readonly type: 'lookUp'; readonly task: Task }
  | { readonly type: 'queue'; readonly task: Task }
  /** The next steps of its chain go to its executor with it. Each is queued as a task later, and executed under the same number, or recalled. */
  | { readonly type: 'execute'; readonly task: Task; readonly job: number; readonly ahead: readonly JobOfStep[] }
  /** These were sent ahead, and are not needed. */
  | { readonly type: 'recall'; readonly jobs: readonly number[] }
  | { readonly type: 'quarantine'; readonly task: Task; readonly digest: ArtefactDigest }
  | { readonly type: 'evict'; readonly digests: readonly ArtefactDigest[] }
  | { readonly type: 'end' };
