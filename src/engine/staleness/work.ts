import type { ArtefactDigest } from '../base/digest.ts';
import type { NodeId } from '../plan/plan.ts';
import type { StaleReason } from './stale-reason.ts';

/** Why a node is executed: it is stale, or it is up to date and executed all the same. */
export type StartReason =
  | StaleReason
  /** Its bytes are missing, and another node needs them. */
  | { readonly rule: 'bytes'; readonly neededBy: NodeId | undefined }
  /** It is a source, and its bytes are not in the cache. */
  | { readonly rule: 'source'; readonly neededBy: NodeId | undefined }
  /** To compare its bytes. */
  | { readonly rule: 'audit' };

/**
 * The use of an execution's outputs. For a node that is up to date they have to be the recorded ones, in the order of the trace, unless its
 * stage does not repeat its bytes.
 */
export type Purpose =
  | { readonly kind: 'record' }
  | { readonly kind: 'restore'; readonly expected: readonly ArtefactDigest[] | 'any bytes' }
  | {
      readonly kind: 'audit';
      readonly expected: readonly ArtefactDigest[];
      /** What the expected ones were made under. `another identity` means a different JavaScript engine or compute identity. */
      readonly under: 'the same key' | 'another identity';
    };
