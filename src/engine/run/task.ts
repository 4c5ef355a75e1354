import type { ArtefactDigest } from '../base/digest.ts';
import type { Subject } from '../staleness/staleness.ts';
import type { Purpose, StartReason } from '../staleness/work.ts';

/** A node that is to be executed, from the decision to its end. */
export interface Task {
  readonly subject: Subject;
  readonly purpose: Purpose;
  readonly reason: StartReason;
  attempt: number;
  /** Whether the chain's last step has just been executed. */
  continuesChain: boolean;
  /** Of how many nodes it waits for the bytes. */
  lacking: number;
  /** How often it has ended its worker itself, on the way to the disk; once it has lost one, it gets a worker that has no other node. */
  deaths: number | undefined;
  /** Inputs that could not be read, and were restored for it. */
  unread: readonly ArtefactDigest[];
}

/** A task at its beginning. */
export function newTask(subject: Subject, purpose: Purpose, reason: StartReason, continuesChain = false): Task {
  return { subject, purpose, reason, attempt: 1, continuesChain, lacking: 0, deaths: undefined, unread: [] };
}
