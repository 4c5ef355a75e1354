import type { CodeFingerprint } from '../../base/digest.ts';
import type { JsonObject } from '../../base/json.ts';

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
  /** The different params of its nodes, with the number of nodes for each: the first of many. */
  readonly params: readonly { readonly params: JsonObject; readonly nodes: number }[];
  /** How many other params are not among them. */
  readonly otherParams: number;
}
