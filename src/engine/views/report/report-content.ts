import type { ArtefactDigest, CodeFingerprint } from '../../base/digest.ts';
import type { JsonObject } from '../../base/json.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { ArtefactType } from '../../stage/artefact.ts';

/** Everything that a report shows, as values. The page is a function of this alone. */
export interface ReportContent {
  readonly name: string;
  readonly description: string | undefined;
  readonly profile: { readonly name: string; readonly description: string | undefined } | undefined;
  readonly params: JsonObject;
  readonly targets: readonly ReportTarget[];
  /** The pipeline by stage, as an SVG document. */
  readonly graph: string | undefined;
  readonly runs: readonly RunTimeline[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

export interface ReportTarget {
  readonly name: string;
  readonly description: string | undefined;
  /** In the order of pipeline.yaml. */
  readonly files: readonly ReportFile[];
  readonly provenance: Provenance;
}

export type ReportFile = MadeFile | { readonly state: 'missing'; readonly path: string; readonly node: NodeId };

export interface MadeFile {
  readonly state: 'made';
  readonly path: string;
  readonly node: NodeId;
  readonly type: ArtefactType;
  readonly digest: ArtefactDigest;
  /** Of a directory, of its files. */
  readonly size: number;
  /** Missing for a directory, and for a file that no page should hold. */
  readonly bytes: Uint8Array | undefined;
}

/** How the files of a target were made. */
export interface Provenance {
  readonly nodes: number;
  /** Nodes that are not up to date, so that the target cannot be. */
  readonly stale: number;
  /** Totals of the nodes that are up to date. */
  readonly seconds: number;
  /** Upstream stages first. */
  readonly stages: readonly StageProvenance[];
}

export interface StageProvenance {
  readonly stage: string;
  readonly nodes: number;
  readonly seconds: number;
  readonly code: readonly CodeFingerprint[];
  readonly compute: readonly string[];
  /** Of commands: what is known of interpreters and packages. */
  readonly environment: readonly string[];
  readonly hosts: readonly string[];
  /** The different params of its nodes, with the number of nodes for each. */
  readonly params: readonly { readonly params: JsonObject; readonly nodes: number }[];
}

/** One run, and when it made which of the shown nodes. */
export interface RunTimeline {
  readonly run: string;
  readonly startedAt: string;
  readonly command: string | undefined;
  readonly outcome: string | undefined;
  readonly hosts: readonly string[];
  /** From the first start to the last end. */
  readonly seconds: number;
  /** One for each worker: its nodes in the order in which they started. */
  readonly lanes: readonly (readonly TimelineBar[])[];
}

export interface TimelineBar {
  readonly stage: string;
  /** Seconds since the first start of the run. */
  readonly start: number;
  readonly end: number;
  readonly nodes: number;
}
