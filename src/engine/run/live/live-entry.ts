import type { MetricValue } from '../../store/metric-series.ts';
import type { Attempt, NodeOutcome } from '../../store/run-manifest.ts';

/**
 * What has happened in a run since the entry before: a line of its live journal. Nodes are named by their position in the plan; times are in seconds
 * since the run began.
 */
export interface LiveEntry {
  readonly at: number;
  /** By outcome: the first and the last node of each range. */
  readonly decided?: Readonly<Partial<Record<NodeOutcome, readonly number[]>>>;
  /** Not up to date any more. */
  readonly reopened?: readonly number[];
  readonly started?: readonly StartedAttempt[];
  /** Attempts that have ended. */
  readonly ended?: readonly Attempt[];
  readonly notices?: readonly LiveNotice[];
  readonly isStopping?: true;
}

/** A node was given to a worker. */
export interface StartedAttempt extends Pick<Attempt, 'node' | 'attempt' | 'worker' | 'executor' | 'start'> {
  readonly reason: string;
}

/** Something that went wrong, and that the run goes on with or ends by. */
export interface LiveNotice {
  readonly kind: 'failed' | 'retrying' | 'warning' | 'refused' | 'unreadable';
  readonly node: string | null;
  readonly fact: string;
  readonly fix?: string;
  readonly at: number;
}

/** The newest progress and values of running nodes: a line of the pulse, of which only the newest part is kept. */
export interface PulseEntry {
  readonly at: number;
  readonly nodes: readonly NodePulse[];
}

export interface NodePulse {
  readonly node: number;
  readonly fraction?: number;
  readonly values?: readonly MetricValue[];
}
