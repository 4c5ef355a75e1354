import type { JsonValue } from '../../base/json.ts';
import type { ArtefactType } from '../../stage/artefact.ts';

/** A pipeline that was imported, before it is text. */
export interface ImportedPipeline {
  readonly params: ImportedParams;
  readonly sources: ReadonlyMap<string, ImportedSource>;
  readonly stages: readonly ImportedStage[];
  /** What the user is to look at, and that is about no single stage. */
  readonly notes: readonly string[];
}

export interface ImportedParams {
  readonly values: { readonly [name: string]: JsonValue };
  /** The text of params.yaml, so that its comments stay. */
  readonly text: string | undefined;
  readonly notes: readonly string[];
}

export type ImportedSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'files'; readonly globs: readonly string[] };

export interface ImportedStage {
  readonly name: string;
  /** Its name in DVC, where that differs. */
  readonly formerName: string | undefined;
  readonly description: string | undefined;
  readonly shell: 'sh' | 'bash';
  readonly script: string;
  readonly code: readonly string[];
  readonly variables: readonly string[];
  /** Values are references, or mappings of them. */
  readonly params: { readonly [name: string]: JsonValue };
  readonly inputs: ReadonlyMap<string, ImportedInput>;
  readonly outputs: ReadonlyMap<string, ImportedOutput>;
  readonly paramsFiles: readonly { readonly path: string; readonly name?: string }[];
  readonly notes: readonly string[];
}

export interface ImportedInput {
  /** `stage.output`, or a source. */
  readonly reference: string;
  readonly path: string;
}

export interface ImportedOutput {
  readonly type: ArtefactType;
  /** Where the program leaves it; without one, the command writes it to its own place. */
  readonly path?: string;
  /** Whether it is for people: a metric or a plot. */
  readonly isShown: boolean;
}
