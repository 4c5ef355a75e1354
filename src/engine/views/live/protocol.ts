/**
 * What the server of the live page and the page say to each other. The page imports this file, so it imports nothing but types.
 *
 * **Addresses.** `/` and every path outside of `/api/` and `/assets/` give the page (`dist/ui/index.html`), which reads its view from the
 * path. `/assets/NAME` gives the other files of `dist/ui/`, and the fonts of `dist/fonts/`: no folders, `.js`, `.css`, `.svg`, `.png` and `.woff2`. The policy is
 * `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'`: no inline
 * script, no inline style, and no `style` attribute in HTML (`element.style.x = …` is allowed).
 *
 * **Access.** The command line prints `http://127.0.0.1:PORT/#token=TOKEN`. The page takes the token out of the fragment, POSTs it as
 * `SessionRequest` to `/api/session`, and gets a cookie that no script can read. All other addresses under `/api/` answer 401 without it.
 *
 * **Requests.** All but `POST /api/session` and `POST /api/actions` are GET. Where a table says `run`, it is a parameter of the query: the id
 * of a run, `last` (the newest one, the default), or `now` (the pipeline file as it is, compared with the cache). Errors are a `Refusal` with
 * a status of 400 and above.
 *
 * | address | parameters | answer |
 * |---|---|---|
 * | `/api/overview` | `run` | `Overview` |
 * | `/api/matrix` | `run`, `stage`, `metric` (optional) | `StageMatrix` |
 * | `/api/values` | `run`, `stage`, `metric`, `since` (the `versionId` of what the page has) | `MetricValues` |
 * | `/api/node` | `run`, `node` (its id) or `index` | `NodePage` |
 * | `/api/why` | `node` | `WhyPage`: rules and code, as the pipeline is now. It plans, so it takes longer |
 * | `/api/log` | `run`, `node`, `attempt` (the last), `offset` (negative: from the end), `limit` | `LogPart` |
 * | `/api/preview` | `digest`, `type`, `path` (in a directory), `offset`, `limit` | `Preview` |
 * | `/api/raw` | `digest`, `type`, `path` | the bytes of a figure, for `<img>`, or a document for `<iframe sandbox>` |
 * | `/api/download` | `digest`, `type`, `path`, `name` | the bytes as an attachment |
 * | `/api/timeline` | `run`, `from` (attempts that the page has) | `Timeline` |
 * | `/api/runs` | `before` (a run id), `limit` | `RunList` |
 * | `/api/experiments` | | `ExperimentTable` |
 * | `/api/series` | `nodes` (run:node, repeated), `metric` | `MetricCurve[]` |
 * | `/api/results` | | `ResultList` |
 * | `/api/events` | `run`, `node` (optional: with its metrics and the end of its log) | server-sent events, see `LiveEvent` |
 */

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { MetricSeries, MetricValue } from '../../store/metric-series.ts';
import type { Attempt } from '../../store/run-manifest.ts';
import type { Provenance } from '../provenance/provenance.ts';

/** In compact forms, a state is the digit of its position. */
export const STATES = [
  /** Not decided yet; in `now`: it depends on a stale node. */
  'waiting',
  /** Only in `now`: it would be executed. */
  'stale',
  'running',
  'executed',
  'fetched',
  'up to date',
  'cut off',
  'failed',
  /** The run has ended, and did not reach it. */
  'skipped',
  /** Its chain has ended before, or what it reads is cut short. */
  'cut short',
] as const;

export type NodeStateName = (typeof STATES)[number];

/** By position in `STATES`. */
export type StateCounts = readonly number[];

/** Body of `POST /api/session`; the answer is 204 with the cookie, or 403. */
export interface SessionRequest {
  readonly token: string;
}

/** The body of an answer with a status of 400 and above. */
export interface Refusal {
  readonly fact: string;
  readonly fix?: string;
}

// ---------------------------------------------------------------- the head and the overview

/** What every view shows at its top. */
export interface RunHead {
  /** Null for `now`, and where there is no run yet. */
  readonly run: string | null;
  readonly name?: string;
  readonly note?: string;
  readonly state: 'running' | 'stopping' | 'done' | 'failed' | 'interrupted' | 'killed' | 'none';
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly seconds: number;
  readonly profile: string | null;
  readonly targets: readonly string[];
  readonly overrides: readonly string[];
  readonly jobs: number | null;
  readonly counts: StateCounts;
  readonly remaining: Remaining;
  /** The newest run, if it differs: a page that shows `last` loads its view again. */
  readonly newest: string | null;
  /** What the last problems of the run are, newest last; at most 20. */
  readonly notices: readonly Notice[];
}

export type Remaining =
  | { readonly kind: 'about' | 'at least'; readonly seconds: number }
  | { readonly kind: 'not known' | 'none' };

export interface Notice {
  readonly kind: 'failed' | 'retrying' | 'warning' | 'refused' | 'unreadable';
  readonly node: string | null;
  readonly fact: string;
  readonly fix?: string;
  readonly at: string;
}

export interface Overview extends StageGraph {
  /** The name of the pipeline, or that of its file. */
  readonly project: string;
  readonly version: string;
  /** Whether actions are possible: the cache can be written, and the pipeline file is here. */
  readonly mayAct: boolean;
  /** Targets of the pipeline file. */
  readonly targets: readonly string[];
  readonly profiles: readonly string[];
  readonly head: RunHead;
  readonly criticalPath: CriticalPath | null;
  readonly running: readonly RunningNode[];
  readonly lanes: readonly Lane[];
  /** The id of the state: `/api/events?…` with this as `Last-Event-ID` (or the parameter `since`) goes on from here. */
  readonly versionId: string;
}

/** The stages, and what flows between them. */
export interface StageGraph {
  /** In the order of the plan. */
  readonly stages: readonly StageSummary[];
  readonly edges: readonly StageEdge[];
  /** From left to right. */
  readonly layout: GraphLayout;
  /** From top to bottom, for narrow pages. */
  readonly tallLayout: GraphLayout;
}

export interface StageSummary {
  readonly name: string;
  readonly nodes: number;
  readonly counts: StateCounts;
  /** Mean seconds of a node, measured; null where nothing is known. */
  readonly meanSeconds: number | null;
  readonly coordinates: readonly string[];
  readonly kind: 'module' | 'command' | 'source' | 'unknown';
}

/** Positions in `stages`. */
export interface StageEdge {
  readonly from: number;
  readonly to: number;
  readonly outputs: readonly string[];
}

/** In points; y grows downwards. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** By stage: the middle of its box, and its size. */
  readonly boxes: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  /** By edge: the control points of its Bézier curve (1 + 3n), as `M p0 C p1 p2 p3 …`. */
  readonly curves: readonly (readonly (readonly [number, number])[])[];
}

/** The chain of nodes that decides how long the rest of the run takes, or took. */
export interface CriticalPath {
  readonly kind: 'remaining' | 'taken';
  readonly seconds: number;
  /** At most 200 of them. */
  readonly nodes: readonly string[];
  readonly length: number;
}

export interface RunningNode {
  readonly index: number;
  readonly node: string;
  readonly attempt: number;
  /** Position in `lanes`; -1 where it is not known. */
  readonly lane: number;
  /** Seconds since the run began. */
  readonly start: number;
  /** From 0 to 1; null where the stage does not tell. */
  readonly fraction: number | null;
  readonly expectedSeconds: number | null;
  /** The newest value of each metric; at most 8. */
  readonly metrics: readonly MetricValue[];
  readonly reason: string;
}

/** A worker: its number, and where it is if it is not one of this machine. */
export interface Lane {
  readonly worker: number;
  readonly executor: string | null;
  readonly host: string | null;
}

// ---------------------------------------------------------------- a stage

/**
 * All nodes of a stage, by column. A node's id is the stage with the values of its coordinates as `idParts` of each axis, joined by `/`.
 */
export interface StageMatrix {
  readonly stage: string;
  readonly axes: readonly MatrixAxis[];
  /** Position of each node in the run; ascending. */
  readonly index: readonly number[];
  /** By axis: for each node the position of its value. */
  readonly positions: readonly (readonly number[])[];
  /** A digit for each node. */
  readonly states: string;
  /** Seconds of the last attempt; null where it was not executed. */
  readonly seconds: readonly (number | null)[];
  /** The last value of the metric that was asked for. */
  readonly metric: { readonly name: string; readonly values: readonly (number | null)[] } | null;
  /** Names of the metrics that nodes of this stage report; found from a few of them. */
  readonly metrics: readonly string[];
  readonly versionId: string;
}

/** What a page that has the matrix of a stage lacks of a metric: the last values of some of its nodes. */
export interface MetricValues {
  readonly index: readonly number[];
  readonly values: readonly (number | null)[];
  readonly versionId: string;
}

export interface MatrixAxis {
  readonly name: string;
  readonly values: readonly (string | number | boolean)[];
  /** The same as they stand in node ids. */
  readonly idParts: readonly string[];
}

// ---------------------------------------------------------------- a node

export interface NodePage {
  readonly head: RunHead;
  readonly node: string;
  readonly index: number;
  readonly stage: string;
  readonly state: NodeStateName;
  readonly key: string | null;
  readonly coordinates: Readonly<Record<string, string | number | boolean>>;
  readonly params: JsonObject | null;
  /** Why it was executed in this run, in words; null where it was not, or nobody knows. */
  readonly reason: string | null;
  readonly running: RunningNode | null;
  readonly inputs: readonly NodeInput[];
  readonly outputs: readonly NodeOutput[];
  readonly dependents: readonly string[];
  readonly attempts: readonly NodeAttempt[];
  /** How its result was made, here or in an earlier run: what is not shown elsewhere on this page. */
  readonly record: NodeMaking | null;
  /** Thinned to at most 2,000 values each. While it runs, those that were told so far. */
  readonly metrics: readonly MetricSeries[];
  readonly log: { readonly bytes: number; readonly isLive: boolean };
}

export interface NodeInput {
  readonly name: string;
  /** At most 200 of them. */
  readonly from: readonly { readonly node: string; readonly output: string; readonly digest: string | null }[];
  readonly count: number;
}

export interface NodeOutput {
  readonly name: string;
  readonly type: string;
  readonly digest: string | null;
  readonly bytes: number | null;
  /** Whether the cache has the bytes; `evicted`: the action `fetch` brings them back. */
  readonly state: 'here' | 'evicted' | 'not made';
  /** Files of targets that publish it. */
  readonly files: readonly string[];
}

export interface NodeAttempt
  extends Pick<Attempt, 'attempt' | 'worker' | 'executor' | 'host' | 'start' | 'end' | 'seconds'> {
  readonly outcome: Attempt['outcome'] | 'running';
  readonly reason: string | null;
  readonly failure: AttemptFailure | null;
}

export interface AttemptFailure {
  readonly cause: string;
  /** The diagnostic, as the terminal shows it, and the thrown value with its stack, where there is one. */
  readonly text: string;
  readonly logBytes: number;
}

export interface NodeMaking {
  readonly run: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly host: string;
  readonly executor: string | null;
  readonly code: string;
  readonly engine: string;
  readonly compute: string | null;
  readonly environment: string | null;
  readonly gpus: string | null;
  readonly variables: Readonly<Record<string, string | null>>;
  /** What a command used of the machine, in words. */
  readonly software: string | null;
  readonly adoptedFrom: string | null;
}

export interface WhyPage {
  readonly node: string;
  readonly state: 'current' | 'stale' | 'waiting' | 'cutShort';
  /** One sentence. */
  readonly summary: string;
  readonly rules: readonly { readonly name: string; readonly decides: boolean; readonly text: string }[];
  /** From the node to the root cause. */
  readonly causes: readonly { readonly node: string; readonly input: string; readonly text: string }[];
  /** A unified diff of the code with which it was made last; null where nothing differs. */
  readonly diff: string | null;
}

/** Offsets count bytes of UTF-8. */
export interface LogPart {
  readonly offset: number;
  readonly text: string;
  /** Where the next part begins. */
  readonly next: number;
  /** How many bytes there are by now. */
  readonly end: number;
  /** More may come. */
  readonly isLive: boolean;
  /** Bytes before this offset are not kept. */
  readonly first: number;
}

// ---------------------------------------------------------------- artefacts

export type Preview = { readonly digest: string; readonly type: string; readonly bytes: number | null } & (
  | {
      readonly kind: 'image';
      readonly address: string;
      /** The title and the description inside an SVG document; null where it has none. */
      readonly caption: string | null;
    }
  /** To be shown in `<iframe sandbox>`. */
  | { readonly kind: 'document'; readonly address: string }
  | {
      readonly kind: 'table';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: number | null;
      readonly offset: number;
      /** By column. */
      readonly values: readonly (readonly JsonValue[])[];
    }
  /** `next` is null at the end. Offsets count bytes. */
  | { readonly kind: 'text' | 'json'; readonly text: string; readonly offset: number; readonly next: number | null }
  | { readonly kind: 'tensors'; readonly tensors: readonly TensorSummary[]; readonly count: number }
  | {
      readonly kind: 'directory';
      readonly entries: readonly { readonly path: string; readonly bytes: number; readonly type: string }[];
      readonly count: number;
      readonly offset: number;
    }
  /** The first bytes, in hexadecimal digits. */
  | { readonly kind: 'bytes'; readonly head: string }
  /** Evicted, or never made here. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'too large'; readonly limit: number }
  | { readonly kind: 'unreadable'; readonly fact: string }
);

export interface TensorSummary {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly notFinite: number;
  /** Counts in equal bins from min to max. */
  readonly histogram: readonly number[];
  /** Whether only a part of its values was read for these. */
  readonly isSampled: boolean;
}

// ---------------------------------------------------------------- timeline, runs, experiments, results

/** Attempts by column, in the order in which they ended; times in seconds since the run began. */
export interface Timeline {
  readonly head: RunHead;
  readonly lanes: readonly Lane[];
  /** Stages that `stage` counts from. */
  readonly stages: readonly string[];
  readonly from: number;
  readonly node: readonly number[];
  readonly stage: readonly number[];
  readonly lane: readonly number[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** A letter for each: e(xecuted), f(ailed), l(ost). */
  readonly outcomes: string;
  /** Ids of the nodes, only for failed and lost ones: by position in these columns. */
  readonly failed: readonly { readonly at: number; readonly node: string }[];
  readonly running: readonly RunningNode[];
}

export interface RunList {
  /** Newest first. */
  readonly runs: readonly RunListItem[];
  /** Give it as `before` for the next page. */
  readonly next: string | null;
}

export interface RunListItem {
  readonly run: string;
  readonly name: string | null;
  readonly note: string | null;
  readonly state: RunHead['state'];
  readonly startedAt: string;
  readonly seconds: number;
  readonly profile: string | null;
  readonly targets: readonly string[];
  readonly overrides: readonly string[];
  /** As the record of the run has them: `executed`, `upToDate`, … */
  readonly counts: Readonly<Record<string, number>>;
  readonly commit: string | null;
  readonly efficiency: number | null;
}

export interface ExperimentTable {
  /** Paths of params that differ between the rows. */
  readonly params: readonly string[];
  readonly metrics: readonly string[];
  readonly rows: readonly ExperimentRow[];
}

export interface ExperimentRow {
  readonly run: string;
  readonly name: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly state: RunHead['state'];
  /** Why it failed or did not end. */
  readonly reason: string | null;
  readonly startedAt: string;
  readonly seconds: number;
  readonly targets: readonly string[];
  readonly params: Readonly<Record<string, JsonValue>>;
  /** By name: the last value, and the nodes that reported it (for `/api/series`). */
  readonly metrics: Readonly<Record<string, { readonly last: number | string; readonly nodes: readonly string[] }>>;
  readonly figures: readonly {
    readonly path: string;
    readonly digest: string;
    readonly type: string;
    readonly node: string;
  }[];
}

export interface MetricCurve {
  readonly run: string;
  readonly node: string;
  readonly series: MetricSeries;
}

export interface ResultList {
  readonly folder: string;
  readonly targets: readonly TargetResults[];
}

export interface TargetResults {
  readonly name: string;
  readonly description: string | null;
  readonly results: readonly Result[];
  readonly provenance: Provenance;
}

/** A file that a target publishes. */
export interface Result {
  readonly path: string;
  readonly node: string;
  readonly output: string;
  readonly type: string;
  readonly digest: string | null;
  /** Of a directory, those of its files. */
  readonly bytes: number | null;
  readonly state: 'up to date' | 'stale' | 'waiting' | 'cut short';
  readonly isHere: boolean;
  readonly madeAt: string | null;
  readonly run: string | null;
}

// ---------------------------------------------------------------- events

/**
 * Server-sent events. Each has an id; a page that comes back with `Last-Event-ID` (browsers send it) gets what has changed since. There are
 * at most four a second. A comment comes every 15 s.
 *
 * - `event: delta`, data: `Delta`
 * - `event: reset`, data: `{}`: too much has changed, or the id is of another server; load the view again
 */
export type LiveEvent =
  | { readonly event: 'delta'; readonly data: Delta }
  | { readonly event: 'reset'; readonly data: Record<string, never> };

/** What has changed since the event before. */
export interface Delta {
  readonly head: RunHead;
  /** Stages with other counts: position, counts, mean seconds. */
  readonly stages: readonly {
    readonly stage: number;
    readonly counts: StateCounts;
    readonly meanSeconds: number | null;
  }[];
  /** Nodes in another state, by column. */
  readonly nodes: {
    readonly index: readonly number[];
    readonly states: string;
    readonly seconds: readonly (number | null)[];
  };
  /** All that are executed now. */
  readonly running: readonly RunningNode[];
  readonly lanes: readonly Lane[];
  /** How many attempts have ended: `/api/timeline?from=…` gives the new ones. */
  readonly attempts: number;
  /** Of the node that was asked for. */
  readonly node: { readonly metrics: readonly MetricValue[]; readonly logEnd: number } | null;
}

// ---------------------------------------------------------------- actions

/** Body of `POST /api/actions`, with the content type `application/json`. The answer is `ActionDone` or a `Refusal`. */
export type Action =
  /** Running nodes finish, and no more are started. */
  | { readonly action: 'stop'; readonly run: string }
  /** Running nodes are ended. */
  | { readonly action: 'stop now'; readonly run: string }
  /** Starts a run of these targets, stages or nodes; without any, of the default targets. */
  | {
      readonly action: 'run';
      readonly targets: readonly string[];
      readonly profile?: string;
      readonly set?: readonly string[];
      readonly jobs?: number;
      readonly keepGoing?: boolean;
      readonly name?: string;
    }
  /** Brings the bytes of these nodes' outputs back: from the shared cache, or by execution. */
  | { readonly action: 'fetch'; readonly targets: readonly string[] }
  /** Names a run, and writes a note about it; `null` removes it. */
  | { readonly action: 'tag'; readonly run: string; readonly name?: string | null; readonly note?: string | null };

export interface ActionDone {
  /** One sentence for the user. */
  readonly text: string;
}
