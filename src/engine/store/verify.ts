import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { NodeId } from '../plan/plan.ts';
import type { InspectableStore, StoredResult } from './inspection.ts';
import { outputDigests } from './output-order.ts';

/** Damage that was found in the store. */
export type Damage =
  | {
      readonly kind: 'artefact';
      readonly digest: ArtefactDigest;
      readonly bytes: number;
      readonly nodes: readonly NodeId[];
    }
  /** A record that cannot be read, or belongs to another key. */
  | { readonly kind: 'record'; readonly key: NodeKey }
  /** A trace that cannot be read, has no record, or names other outputs than its record. */
  | { readonly kind: 'trace'; readonly key: NodeKey; readonly node: NodeId | null }
  | { readonly kind: 'code'; readonly fingerprint: CodeFingerprint }
  /** A value of another table. */
  | { readonly kind: 'entry'; readonly table: string; readonly key: string };

export interface Verification {
  readonly checked: {
    readonly artefacts: number;
    readonly bytes: number;
    readonly records: number;
    readonly bundles: number;
  };
  readonly damage: readonly Damage[];
}

/** Hashes everything, and compares every trace with its record. Changes nothing. */
export function verifyStore({ inspection }: InspectableStore): Verification {
  const damage: Damage[] = [];
  const makers = new Map<ArtefactDigest, NodeId[]>();
  let records = 0;
  for (const result of inspection.results()) {
    records++;
    const found = damageOf(result);
    if (found) damage.push(found);
    const { record } = result;
    if (typeof record === 'string') continue;
    for (const digest of outputDigests(record)) {
      const nodes = makers.get(digest);
      if (nodes) nodes.push(record.node);
      else makers.set(digest, [record.node]);
    }
  }
  let [artefacts, bytes, bundles] = [0, 0, 0];
  const makersOf = (digest: ArtefactDigest) =>
    [digest, ...inspection.directoriesWith(digest)].flatMap((each) => makers.get(each) ?? []);
  for (const stored of inspection.bytes()) {
    artefacts++;
    bytes += stored.bytes;
    if (inspection.isSound(stored.digest)) continue;
    damage.push({ kind: 'artefact', ...stored, nodes: makersOf(stored.digest) });
  }
  for (const stored of inspection.incompleteDirectories()) {
    damage.push({ kind: 'artefact', ...stored, nodes: makersOf(stored.digest) });
  }
  for (const { fingerprint, isSound } of inspection.code()) {
    bundles++;
    if (!isSound) damage.push({ kind: 'code', fingerprint });
  }
  for (const entry of inspection.damagedEntries()) damage.push({ kind: 'entry', ...entry });
  return { checked: { artefacts, bytes, records, bundles }, damage };
}

function damageOf({ key, record, trace }: StoredResult): Damage | undefined {
  if (record === 'damaged') return { kind: 'record', key };
  if (record === 'missing') return { kind: 'trace', key, node: null };
  // A record alone only says when the node was last made; the node counts as never made under this key.
  if (trace === 'missing') return undefined;
  const isSame = trace !== 'damaged' && trace.outputs.join() === outputDigests(record).join();
  return isSame ? undefined : { kind: 'trace', key, node: record.node };
}

/** Takes damage out of use, so that the next run repairs it: artefacts are quarantined, the rest is removed. */
export async function quarantineDamage(store: InspectableStore, damage: readonly Damage[]): Promise<void> {
  for (const found of damage) {
    if (found.kind === 'artefact') await store.quarantine(found.digest);
    else if (found.kind === 'code') await store.inspection.removeCode([found.fingerprint]);
    else if (found.kind === 'entry') await store.inspection.removeEntries([found]);
    else await store.inspection.removeResults([found.key], found.kind === 'record' ? 'records and traces' : 'traces');
  }
}
