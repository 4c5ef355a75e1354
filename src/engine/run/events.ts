import type { Diagnostic } from '../base/diagnostic.ts';
import type { ErrorReport } from '../base/error-report.ts';
import type { NodeId } from '../plan/plan.ts';
import type { EndReason } from '../staleness/cut.ts';
import type { StartReason } from '../staleness/work.ts';
import type { FailureCause } from '../store/failed-attempt.ts';
import type { MetricValue } from '../store/metric-series.ts';
import type { RunTiming } from '../store/run-manifest.ts';

/** Everything that happens in a run, in order. Views (terminal, lines, JSON) use nothing else. */
export type RunEvent =
  | { readonly type: 'planned'; readonly nodes: number; readonly jobs: number }
  | { readonly type: 'upToDate'; readonly node: NodeId }
  | { readonly type: 'cutOff'; readonly node: NodeId }
  /** The node is not executed: its chain has ended after the step `after`, or what it reads is cut short. */
  | { readonly type: 'cutShort'; readonly node: NodeId; readonly after: NodeId; readonly reason: EndReason }
  /** A worker has the node, or it is on its way to an executor. */
  | {
      readonly type: 'started';
      readonly node: NodeId;
      readonly attempt: number;
      readonly reason: StartReason;
      readonly executor?: string;
    }
  /** An executor has begun to execute it. Of short nodes, nothing is told. `queued` is for how many seconds it was ready before. */
  | {
      readonly type: 'executing';
      readonly node: NodeId;
      readonly executor: string;
      readonly host: string;
      readonly queued: number;
    }
  /** These nodes are up to date, and are restored because their evicted bytes are needed; `seconds` is what they took. */
  | { readonly type: 'restoring'; readonly nodes: readonly NodeId[]; readonly seconds: number }
  /** The node was restored with other bytes: its stage does not repeat them. What depends on it is looked at again. */
  | { readonly type: 'changed'; readonly node: NodeId }
  /** These nodes are up to date, and are executed again to compare their bytes. */
  | { readonly type: 'auditing'; readonly nodes: readonly NodeId[]; readonly seed: number }
  /** An input of a node could not be read; damaged bytes are quarantined. The node that made them is executed again. */
  | {
      readonly type: 'unreadable';
      readonly node: NodeId;
      readonly state: 'missing' | 'damaged';
      readonly diagnostic: Diagnostic;
    }
  /** An executor has refused the node, which this machine executes. Others that it refuses for the same cause are not told. */
  | { readonly type: 'refused'; readonly node: NodeId; readonly diagnostic: Diagnostic }
  | { readonly type: 'progress'; readonly node: NodeId; readonly fraction: number }
  /** The newest values of metrics of a node, a few times a second; all of them are in its record. */
  | { readonly type: 'metrics'; readonly node: NodeId; readonly values: readonly MetricValue[] }
  | { readonly type: 'retrying'; readonly node: NodeId; readonly attempt: number; readonly diagnostic: Diagnostic }
  | { readonly type: 'finished'; readonly node: NodeId; readonly seconds: number; readonly bytes: number }
  /** The shared cache had the result of a stale node, or the missing bytes of one that is up to date. `seconds` is what it took to make. */
  | {
      readonly type: 'fetched';
      readonly node: NodeId;
      readonly what: 'result' | 'bytes';
      readonly seconds: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'failed';
      readonly node: NodeId;
      readonly cause: FailureCause;
      readonly diagnostic: Diagnostic;
      /** The thrown value, where the diagnostic does not say all of it. */
      readonly error?: ErrorReport;
      readonly log: string;
    }
  /** Something that a node left behind failed after the node's end, and its result stands; or, without a node, the run goes on without something. */
  | { readonly type: 'warning'; readonly node?: NodeId; readonly diagnostic: Diagnostic }
  | { readonly type: 'skipped'; readonly node: NodeId; readonly because: NodeId }
  | { readonly type: 'stopping'; readonly running: number }
  | RunSummary;

/** The last event of every run. */
export interface RunSummary {
  readonly type: 'summary';
  readonly outcome: 'done' | 'failed' | 'interrupted';
  readonly executed: number;
  /** Up to date, and executed again for their bytes. */
  readonly restored: number;
  /** Up to date, and executed again by an audit with the same bytes. */
  readonly audited: number;
  /** Not executed, since the shared cache had their results. */
  readonly fetched: number;
  /** Found in the cache, with nothing upstream executed. */
  readonly upToDate: number;
  /** Found in the cache although something upstream was executed: it gave the same bytes as before. */
  readonly cutOff: number;
  /** Not executed, since their chains ended before; missing where that is none. */
  readonly cutShort?: number;
  readonly failed: number;
  /** How many of the failed ones were refused for what the pipeline file or the stage declares: a retry changes nothing. */
  readonly misconfigured: number;
  /** Not tried because something upstream failed, or because the run was stopped. */
  readonly skipped: number;
  readonly seconds: number;
  /** Only for runs that executed something and took a while. */
  readonly timing?: RunTiming;
}

export type RunListener = (event: RunEvent) => void;
