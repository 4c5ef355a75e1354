import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { MachineIdentity } from '../keys/machine-identity.ts';
import type { UsedSoftware } from '../keys/software/used-software.ts';
import type { DeclaredCompute } from '../pipeline/pipeline.ts';
import type { StageResources } from '../plan/plan.ts';
import type { SharedCacheSettings } from '../settings/settings.ts';
import type { SharedArtefact } from '../shared/node-bytes.ts';
import type { MetricSeries, MetricValue } from '../store/metric-series.ts';
import type { NodeRecord } from '../store/store.ts';
import type { JobAhead } from '../workers/job-ahead.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Job } from '../workers/protocol.ts';
import type { BlobMessage } from './blob-exchange.ts';

/** Raised when the messages change. Both sides must have the same. */
export const UNIT_PROTOCOL = 4;

/** The first message of either side. Its form never changes, so that every version can read it. */
export interface Greeting {
  readonly type: 'hello';
  readonly protocol: number;
  /** Of vmfdag. */
  readonly version: string;
}

/** The operating system and the processor. */
export function platformName(): string {
  return `${process.platform}-${process.arch}`;
}

/** The settings of a shared cache, as text. */
export interface SharedPlace {
  readonly url: string;
  readonly mode: SharedCacheSettings['mode'];
  readonly keys: readonly string[];
  readonly compress: boolean;
}

/** Artefacts in the body of a message, one after the other. */
export type Enclosed = readonly { readonly digest: ArtefactDigest; readonly bytes: number }[];

/** From the run to a unit. */
export type ToUnit =
  | (Greeting & {
      readonly run: string;
      /** Where the project is on the run's machine: the unit looks there too. */
      readonly root: string;
      readonly platform: string;
      readonly compute: DeclaredCompute | null;
      /** Where the unit leaves its results too, and looks for large inputs. */
      readonly shared: SharedPlace | null;
    })
  | {
      readonly type: 'job';
      readonly job: Job | JobAhead;
      readonly limitSeconds: number | null;
      readonly isAlone: boolean;
      readonly resources: StageResources;
      /** Values of the variables that the stage must not tell. */
      readonly secrets: Readonly<Record<string, string | null>>;
      readonly enclosed: Enclosed;
      /** Inputs that the shared cache may have. */
      readonly large: readonly SharedArtefact[];
    }
  | { readonly type: 'cancel'; readonly job: number }
  /** @property compute whether its compute provider is asked too */
  | { readonly type: 'identify'; readonly compute: boolean }
  | { readonly type: 'code'; readonly fingerprint: CodeFingerprint }
  /** A package as a directory; null for one that an installer has to bring. */
  | {
      readonly type: 'package';
      readonly fingerprint: CodeFingerprint;
      readonly content: string;
      readonly directory: ArtefactDigest | null;
    }
  | BlobMessage;

/** From a unit to the run. */
export type FromUnit =
  | (Greeting & { readonly host: string })
  /** The unit cannot work for this run at all. */
  | { readonly type: 'unable'; readonly diagnostic: Diagnostic }
  /** What this machine computes with. */
  | { readonly type: 'identity'; readonly identity: MachineIdentity }
  /** It was begun so many seconds ago. */
  | { readonly type: 'begun'; readonly job: number; readonly seconds: number }
  | { readonly type: 'progress'; readonly job: number; readonly fraction: number }
  | { readonly type: 'metrics'; readonly job: number; readonly values: readonly MetricValue[] }
  /** What it has printed since the last time, secrets masked, about once a second. */
  | { readonly type: 'output'; readonly job: number; readonly text: string; readonly omitted: number }
  | { readonly type: 'warning'; readonly job: number; readonly diagnostic: Diagnostic }
  | {
      readonly type: 'ended';
      readonly job: number;
      readonly outcome: JobOutcome;
      /** Seconds from its begin to its end; null if it was not begun. */
      readonly ran: number | null;
      readonly made: MadeNode | null;
      readonly enclosed: Enclosed;
      /** Outputs that the shared cache has. */
      readonly large: readonly SharedArtefact[];
    }
  | { readonly type: 'wantCode'; readonly fingerprint: CodeFingerprint }
  /** A package that the code reaches, by its content. */
  | { readonly type: 'wantPackage'; readonly fingerprint: CodeFingerprint; readonly content: string }
  | BlobMessage;

/** What a run commits of a node that a unit has executed. */
export interface MadeNode {
  readonly record: NodeRecord;
  readonly metrics: readonly MetricSeries[];
  readonly software: UsedSoftware | null;
}

/** A message of the other side, whose version is the same: it has the form of one that this version sends. */
export function asMessage<Message extends ToUnit | FromUnit>(message: JsonObject): Message {
  return message as unknown as Message;
}
