import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference } from '../plan/plan.ts';
import type { Subject } from '../staleness/judge.ts';
import type { RunEvent } from './events.ts';
import type { Task } from './task.ts';

/** A command of `step`. The event of its name answers each, except for `tell` and `end`. A queued task is admitted, an executed one has ended. */
export type Command =
  | { readonly type: 'tell'; readonly event: RunEvent }
  | { readonly type: 'judge'; readonly subject: Subject; readonly continuesChain: boolean }
  | { readonly type: 'find bytes'; readonly reader: Reader; readonly sources: readonly OutputReference[] }
  | { readonly type: 'queue'; readonly task: Task }
  | { readonly type: 'execute'; readonly task: Task }
  | { readonly type: 'quarantine'; readonly task: Task; readonly digest: ArtefactDigest }
  | { readonly type: 'evict'; readonly digests: readonly ArtefactDigest[] }
  | { readonly type: 'end' };

/** What needs the bytes: a task, or the files that targets publish. */
export type Reader = Task | 'targets';
