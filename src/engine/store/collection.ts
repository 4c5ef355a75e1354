import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import type { NodeId } from '../plan/plan.ts';
import { outputDigests } from './output-order.ts';
import type { NodeRecord } from './store.ts';

/** What a collector looks at. */
export interface CollectionInput {
  readonly records: readonly NodeRecord[];
  /** Bytes of all artefacts in the store. */
  readonly artefacts: ReadonlyMap<ArtefactDigest, number>;
  /** Keys that a kept run or the present pipeline resolved to. */
  readonly reachable: ReadonlySet<NodeKey>;
  /** Artefacts that stay, whatever the limit. */
  readonly pinned: ReadonlySet<ArtefactDigest>;
  /** Artefacts that the pipeline's `retain` does not keep. */
  readonly temporary: ReadonlySet<ArtefactDigest>;
  /** How many bytes of artefacts may stay; no limit when undefined. */
  readonly maxBytes: number | undefined;
}

/** An artefact that is evicted: its record stays. */
export interface Evicted {
  readonly digest: ArtefactDigest;
  readonly node: NodeId;
  readonly stage: string;
  readonly bytes: number;
  /** Seconds that its node took. */
  readonly seconds: number;
}

export interface Collection {
  readonly unreachable: {
    readonly keys: readonly NodeKey[];
    readonly artefacts: readonly ArtefactDigest[];
    readonly bytes: number;
    /** Seconds that the nodes took. */
    readonly seconds: number;
  };
  readonly temporary: readonly Evicted[];
  /** Cheapest first: seconds to restore per byte. */
  readonly evicted: readonly Evicted[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Decides what to remove. First come records that nothing refers to, with their artefacts. Then come artefacts that `retain` does not keep. Then,
 * until the rest is within the limit, artefacts by the seconds per byte that it takes to restore them.
 */
export function planCollection(input: CollectionInput): Collection {
  const { records, artefacts, reachable, pinned, temporary, maxBytes = Number.POSITIVE_INFINITY } = input;
  const gone = records.filter(({ key }) => !reachable.has(key));
  const makers = cheapestMakers(records.filter(({ key }) => reachable.has(key)));
  const bytesOf = (digest: ArtefactDigest) => artefacts.get(digest) ?? 0;
  const sum = (digests: Iterable<ArtefactDigest>) => [...digests].reduce((total, digest) => total + bytesOf(digest), 0);

  const orphans = [...artefacts.keys()].filter((digest) => !makers.has(digest) && !pinned.has(digest));
  const evictable = [...makers]
    .filter(([digest]) => artefacts.has(digest) && !pinned.has(digest))
    .map(([digest, { node, stage, seconds }]): Evicted => ({ digest, node, stage, seconds, bytes: bytesOf(digest) }));
  const released = evictable.filter(({ digest }) => temporary.has(digest));
  const bytesBefore = sum(artefacts.keys());
  let bytesAfter = bytesBefore - sum(orphans) - sum(released.map(({ digest }) => digest));
  const evicted: Evicted[] = [];
  for (const candidate of evictable.filter(({ digest }) => !temporary.has(digest)).sort(byCost)) {
    if (bytesAfter <= maxBytes) break;
    // Evicting an empty artefact gains nothing.
    if (candidate.bytes === 0) continue;
    evicted.push(candidate);
    bytesAfter -= candidate.bytes;
  }
  return {
    unreachable: {
      keys: gone.map(({ key }) => key),
      artefacts: orphans,
      bytes: sum(orphans),
      seconds: gone.reduce((total, { seconds }) => total + seconds, 0),
    },
    temporary: released,
    evicted,
    bytesBefore,
    bytesAfter,
  };
}

/** Seconds to restore artefacts, each node counted once. */
export function secondsToMake(evicted: readonly Evicted[]): number {
  const nodes = new Map(evicted.map(({ node, seconds }) => [node, seconds]));
  return [...nodes.values()].reduce((total, seconds) => total + seconds, 0);
}

function byCost(a: Evicted, b: Evicted): number {
  const difference = a.seconds / Math.max(1, a.bytes) - b.seconds / Math.max(1, b.bytes);
  return difference || b.bytes - a.bytes || (a.digest < b.digest ? -1 : 1);
}

/** The quickest of the nodes that give the same bytes counts. */
function cheapestMakers(records: readonly NodeRecord[]): ReadonlyMap<ArtefactDigest, NodeRecord> {
  const makers = new Map<ArtefactDigest, NodeRecord>();
  for (const record of records) {
    for (const digest of outputDigests(record)) {
      const known = makers.get(digest);
      if (!known || record.seconds < known.seconds) makers.set(digest, record);
    }
  }
  return makers;
}
