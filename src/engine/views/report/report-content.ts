import type { JsonObject } from '../../base/json.ts';
import type { Preview, Result, StageGraph, TargetResults } from '../live/protocol.ts';
import type { StageProvenance } from '../provenance/provenance.ts';

/**
 * Everything that a report shows, as values. The page is a function of this alone. `ui/report` imports this file, so it imports nothing but types.
 */
export interface ReportContent {
  readonly name: string;
  readonly description: string | undefined;
  readonly profile: { readonly name: string; readonly description: string | undefined } | undefined;
  readonly params: JsonObject;
  readonly targets: readonly ReportTarget[];
  readonly graph: StageGraph;
  /** How the nodes of each stage of the graph were made. */
  readonly stages: readonly StageProvenance[];
  readonly runs: readonly RunTimeline[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

export interface ReportTarget extends Omit<TargetResults, 'results'> {
  /** In the order of pipeline.yaml. */
  readonly results: readonly ReportResult[];
}

export interface ReportResult extends Result {
  /** Missing where there are no bytes. */
  readonly preview: EmbeddedPreview | undefined;
  /** All of it as a `data:` address. Missing for a directory, and for a file that no page should hold. */
  readonly download: string | undefined;
}

/** What is shown of an artefact. The addresses of images are `data:` ones; Markdown is HTML that is safe. */
export type EmbeddedPreview =
  | Exclude<Preview, { kind: 'document' }>
  | { readonly kind: 'markdown'; readonly html: string };

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
