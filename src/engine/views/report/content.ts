import type { ArtefactDigest, CodeFingerprint } from '../../base/digest.ts';
import type { JsonObject } from '../../base/json.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { ArtefactType } from '../../stage/artefact.ts';

/** All that a report shows, as values: what the page makes of it is a function of this alone. */
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
  readonly bytes: Uint8Array;
}

/** How the files of a target came to be. */
export interface Provenance {
  readonly nodes: number;
  /** Nodes that are not up to date, so that the target cannot be. */
  readonly stale: number;
  /** Of the nodes that are up to date, together. */
  readonly seconds: number;
  /** In the order of the data's way. */
  readonly stages: readonly StageProvenance[];
}

export interface StageProvenance {
  readonly stage: string;
  readonly nodes: number;
  readonly seconds: number;
  readonly code: readonly CodeFingerprint[];
  readonly compute: readonly string[];
  readonly hosts: readonly string[];
  /** The different params that its nodes have, with how many nodes each. */
  readonly params: readonly { readonly params: JsonObject; readonly nodes: number }[];
}

/** One run, and which of the shown nodes it made when. */
export interface RunTimeline {
  readonly run: string;
  readonly startedAt: string;
  readonly command: string | undefined;
  readonly outcome: string | undefined;
  readonly host: string;
  /** From the first start to the last end. */
  readonly seconds: number;
  /** One a worker: its nodes in order of their start. */
  readonly lanes: readonly (readonly TimelineBar[])[];
}

export interface TimelineBar {
  readonly stage: string;
  /** Seconds since the first start of the run. */
  readonly start: number;
  readonly end: number;
  readonly nodes: number;
}
