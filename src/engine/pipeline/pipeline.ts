import type { JsonObject, JsonValue } from '../base/json.ts';
import type { ArtefactType } from '../stage/artefact.ts';
import type { DeclaredExecutor } from './executors/read-executors.ts';
import type { Template } from './references/template.ts';
import type { SourceContent } from './sources/source-content.ts';
import type { CommandProgram } from './stages/command.ts';
import type { InputReference } from './stages/input-reference.ts';
import type { DeclaredCommand } from './stages/read-command.ts';
import type { RetryPolicy } from './stages/retry-policy.ts';
import type { StageEnvironment } from './stages/stage-environment.ts';
import type { StopRule } from './stages/stop-rule.ts';
import type { Place } from './yaml/source.ts';

/** pipeline.yaml under one profile, with overrides applied and references compiled. Matrices are not yet expanded. */
export interface Pipeline {
  readonly file: string;
  readonly name: string;
  readonly description: string | undefined;
  /** The profile in force, if any. */
  readonly profile: string | undefined;
  readonly profiles: readonly ProfileSummary[];
  /** Resolved and frozen. */
  readonly params: JsonObject;
  /** Undefined where the file names no provider: then no stage asks for one. */
  readonly compute: DeclaredCompute | undefined;
  /** By name. */
  readonly executors: ReadonlyMap<string, DeclaredExecutor>;
  /** In declared order, after the sources, which are stages without code. */
  readonly stages: ReadonlyMap<string, DeclaredStage>;
  readonly targets: ReadonlyMap<string, DeclaredTarget>;
  /** The targets of a plain run. */
  readonly defaultTargets: readonly PatternText[];
}

/** The pipeline's compute provider. */
export interface DeclaredCompute {
  /** An installed package. */
  readonly provider: string;
  /** The request to the provider, in a form that only the provider knows. */
  readonly request: JsonValue;
}

export interface ProfileSummary {
  readonly name: string;
  readonly description: string | undefined;
  readonly isDefault: boolean;
}

/** What carries out a stage. */
export type StageProgram = ModuleProgram | CommandProgram | SourceProgram;

/** The same as declared: the types of what a command reads are not known yet. */
export type DeclaredProgram = ModuleProgram | DeclaredCommand | SourceProgram;

/** Path of the module, relative to the pipeline's folder, and the export that is the stage. */
export interface ModuleProgram {
  readonly kind: 'module';
  readonly path: string;
  readonly exportName: string;
}

/** The engine itself: it takes files into the cache. */
interface SourceProgram {
  readonly kind: 'source';
  readonly content: SourceContent;
}

export interface DeclaredStage {
  readonly name: string;
  /** The stage's key in the file. */
  readonly place: Place;
  readonly description: string | undefined;
  readonly program: DeclaredProgram;
  readonly places: StagePlaces<Place>;
  readonly each: readonly MatrixCoordinate[];
  readonly scan: DeclaredScan | undefined;
  /** A template of a mapping; `params` is compiled with all coordinates visible, the scanned one last. */
  readonly params: Template;
  readonly paramsPlace: Place;
  readonly inputs: readonly DeclaredInput[];
  readonly outputs: Readonly<Record<string, ArtefactType>>;
  /** Outputs whose bytes are not all kept. */
  readonly retain: Readonly<Record<string, Retention>>;
  /** When its chains end before their last step. */
  readonly stop: readonly StopRule[];
  readonly compute: boolean;
  readonly environment: StageEnvironment;
  readonly undeclared: UndeclaredReads;
  /** Whether it gives the same bytes each time. */
  readonly reproducible: boolean;
  readonly resources: { readonly threads: number; readonly memoryBytes: number; readonly gpus: number };
  readonly timeoutSeconds: number | undefined;
  readonly retries: RetryPolicy;
  /** Where its nodes are executed; undefined where nothing is said. */
  readonly executor: string | undefined;
}

/** Where a stage names what is looked for when it is planned or run: its key where it does not. */
export interface StagePlaces<Where> {
  /** Its module or its command. */
  readonly program: Where;
  readonly code: Where;
  /** In the order of `code` of its command. */
  readonly codeEntries: readonly Where[];
  /** The lock file, the image or the root folder. */
  readonly environment: Where;
  readonly executor: Where;
}

/** What happens when a stage opens a file of the project that is not declared. `strace`: refused, whatever program of a command opens it. */
export type UndeclaredReads = 'refuse' | 'warn' | 'ignore' | 'strace';

/** The nodes whose bytes stay once no node of a run needs them any more: all, those at the checkpoints of the scan, or none. */
export type Retention = 'all' | 'checkpoints' | 'none';

/** A coordinate of `each`. `values` is a constant, or a template over the coordinates before. */
export type MatrixCoordinate = { readonly name: string; readonly place: Place; readonly values: Template } & (
  | /** A list, or a mapping for its keys. */ { readonly kind: 'list' }
  | /** The mapping `{from, to}`. */ { readonly kind: 'range' }
  | /** The mapping `{of, take}`: keys of the mapping `of`, all of them where `take` is missing. */ {
      readonly kind: 'entries';
      readonly takePlace: Place;
    }
);

export interface DeclaredScan {
  readonly name: string;
  readonly place: Place;
  readonly from: Template;
  readonly to: Template;
  /** The template of a list of whole numbers, if the scan declares checkpoints. */
  readonly checkpoints: { readonly values: Template; readonly place: Place } | undefined;
  readonly carry: readonly DeclaredInput[];
}

export interface DeclaredInput {
  readonly name: string;
  readonly place: Place;
  /** Which of the references a node reads, as a template of the text that they are found by; a constant where there is one. */
  readonly choice: Template;
  readonly references: ReadonlyMap<string, InputReference>;
}

export interface PatternText {
  readonly text: string;
  /** Undefined for a pattern of the command line. */
  readonly place: Place | undefined;
}

export interface DeclaredTarget {
  readonly name: string;
  readonly place: Place;
  readonly description: string | undefined;
  readonly nodes: readonly PatternText[];
  readonly files: readonly DeclaredFile[];
}

export interface DeclaredFile {
  readonly path: string;
  readonly place: Place;
  /** Pattern of exactly one node, and the name of the output that the file holds. */
  readonly node: string;
  readonly output: string;
  readonly source: Place;
}

/** All coordinates of a stage in declared order, the scanned one last. */
export function coordinateNames(stage: DeclaredStage): readonly string[] {
  const names = stage.each.map(({ name }) => name);
  return stage.scan ? [...names, stage.scan.name] : names;
}
