import type { JsonValue } from '../../base/json.ts';
import type { MetricNumber } from '../../store/metric-series.ts';
import type { RunRecord } from '../../store/store.ts';

/** A run among others: what it was tried with, and what came out. */
export interface Experiment {
  readonly run: string;
  /** The sweep that it is a setting of: the id of its run, and the name of the setting. */
  readonly sweep: { readonly run: string; readonly setting: string } | null;
  readonly name: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly state: RunRecord['state'] | 'killed';
  /** Why it failed: the first node that did. */
  readonly reason: string | null;
  readonly startedAt: string;
  readonly seconds: number;
  readonly executed: number;
  readonly profile: string | null;
  readonly targets: readonly string[];
  readonly commit: string | null;
  /** The params of the table, by path. One that this run does not have is missing. */
  readonly params: Readonly<Record<string, JsonValue>>;
  /** By the column's name; null where no node of this run has it. */
  readonly metrics: Readonly<Record<string, ExperimentMetric | null>>;
}

/** A metric of a run. */
export interface ExperimentMetric {
  /** Of several nodes or chains the mean. */
  readonly value: MetricNumber;
  /** How many nodes and chains have it. */
  readonly nodes: number;
}

/** Runs × params that differ × metrics. */
export interface ExperimentTable {
  /** Paths of the params that are not the same in all of these runs, and of those that were asked for. */
  readonly params: readonly string[];
  /** The columns of metrics, by name. */
  readonly metrics: readonly string[];
  readonly experiments: readonly Experiment[];
  /** How many other runs there are. */
  readonly others: number;
}

/** Which experiments a table has, and what it says of each. */
export interface ExperimentQuery {
  /** Metrics by name: `loss`, `loss=min`, `accuracy=max`, `loss=500`, and numbers of JSON outputs: `eval.test.loss`. Without them, the last values of those that there are. */
  readonly metrics?: readonly string[] | undefined;
  /** Patterns of the nodes whose metrics count; without them, all. */
  readonly nodes?: readonly string[] | undefined;
  /** Conditions that all have to hold: `state=done`, `lr>0.1`, `loss<=0.5`, `name~wide`. */
  readonly filter?: readonly string[] | undefined;
  /** Params that the table has even where they are the same in all runs, by their path or the end of it. */
  readonly params?: readonly string[] | undefined;
  /** A column, perhaps with `:desc`; without it, the newest run comes first. */
  readonly sort?: string | undefined;
  /** The id of a sweep, of which only the settings are listed. */
  readonly sweep?: string | undefined;
  /** At most so many; by default 50. */
  readonly limit?: number | undefined;
  /** Also runs that a later one with the same params, code and targets has replaced. */
  readonly all?: boolean | undefined;
}
