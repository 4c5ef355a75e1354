import type { CodeFingerprint } from '../base/digest.ts';
import type { SoftwareChange } from '../keys/software/software-changes.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import type { Change } from './changes.ts';
import type { InputChange } from './input-changes.ts';

/** Why a node runs. */
export type StaleReason =
  | { readonly rule: 'forced' }
  /** There is a result under its key, made with other software; null where it is not known with which. */
  | { readonly rule: 'software'; readonly changes: readonly SoftwareChange[] | null }
  /** There is a result under its key, without a value of metrics that decide whether its chain goes on. */
  | { readonly rule: 'metrics'; readonly missing: readonly string[] }
  /** Bytes of its result were damaged. */
  | { readonly rule: 'quarantined' }
  | { readonly rule: 'never run' }
  /** It has run before, and never finished. */
  | { readonly rule: 'failed'; readonly run: string }
  /** It has finished before, and its record was removed. */
  | { readonly rule: 'lost' }
  | { readonly rule: 'code'; readonly old: CodeFingerprint; readonly new: CodeFingerprint }
  | { readonly rule: 'params'; readonly changes: readonly Change[] }
  | { readonly rule: 'coordinates'; readonly changes: readonly Change[] }
  | { readonly rule: 'inputs'; readonly changes: readonly InputChange[] }
  | { readonly rule: 'variables'; readonly changes: readonly Change[] }
  | { readonly rule: 'engine'; readonly old: string; readonly new: string }
  | { readonly rule: 'compute'; readonly old: ComputeIdentity | null; readonly new: ComputeIdentity | null }
  /** Only commands in an environment have one in their keys. */
  | { readonly rule: 'environment'; readonly old: string | null; readonly new: string | null }
  /** Only stages that ask for GPUs have any in their keys. */
  | { readonly rule: 'gpus'; readonly old: string | null; readonly new: string | null }
  | { readonly rule: 'outputs'; readonly changes: readonly Change[] }
  /** Everything in its record is the same, but its key is not. */
  | { readonly rule: 'schema' };
