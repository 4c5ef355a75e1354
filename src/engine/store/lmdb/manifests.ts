import type { Attempt, RunManifest, RunProgress } from '../run-manifest.ts';
import { decodedOr } from './encoding.ts';
import {
  allUpToDate,
  decodeManifest,
  decodeProgress,
  encodeOutcomes,
  encodeProgress,
  resolutionOf,
} from './manifest-encoding.ts';
import type { SealedTable } from './sealed-table.ts';

const DIGEST_BYTES = 32;
const PART_DIGITS = 6;

/** What runs resolved to, and what they executed when. Call everything that writes inside a transaction. */
export interface RunHistory {
  put(run: string, manifest: RunManifest, journal: readonly Attempt[]): void;
  /** For a run that resolved to the same keys as an earlier one, and found all of them up to date. */
  shared(earlier: string): Buffer | undefined;
  putShared(run: string, shared: Buffer): void;
  extend(run: string, progress: RunProgress): void;
  forget(run: string): void;
  manifest(run: string): RunManifest | undefined;
  journal(run: string): readonly Attempt[];
}

/**
 * @param manifests by run: the digest of what it resolved to, then the outcomes
 * @param resolutions by digest: runs that resolve to the same keys share one
 * @param journals by run and number of the part. A finished run has one part. A running or killed one has several.
 */
export function lmdbRunHistory(manifests: SealedTable, resolutions: SealedTable, journals: SealedTable): RunHistory {
  const range = (run: string) => ({ start: partKey(run, 0), end: partKey(run, 10 ** PART_DIGITS) });
  const progress = (run: string) =>
    [...journals.entries(range(run))].flatMap(({ value }) => decodedOr(() => decodeProgress(value)) ?? []);

  const forget = (run: string): void => {
    for (const key of [...journals.keys(range(run))]) journals.remove(key);
    const found = manifests.get(Buffer.from(run));
    manifests.remove(Buffer.from(run));
    if (!found) return;
    const digest = found.subarray(0, DIGEST_BYTES);
    for (const { key, value } of manifests.entries()) {
      if (key.toString() !== run && value.subarray(0, DIGEST_BYTES).equals(digest)) return;
    }
    resolutions.remove(digest);
  };

  return {
    put(run, manifest, journal) {
      forget(run);
      const { digest, encode } = resolutionOf(manifest);
      if (!resolutions.get(digest)) resolutions.put(digest, encode());
      manifests.put(Buffer.from(run), Buffer.concat([digest, encodeOutcomes(manifest)]));
      if (journal.length > 0) journals.put(partKey(run, 0), encodeProgress({ decided: [], attempts: journal }));
    },

    shared(earlier) {
      const found = manifests.get(Buffer.from(earlier));
      return found && Buffer.concat([found.subarray(0, DIGEST_BYTES), allUpToDate(found.subarray(DIGEST_BYTES))]);
    },

    putShared: (run, shared) => manifests.put(Buffer.from(run), shared),

    extend(run, added) {
      const last = [...journals.keys(range(run))].at(-1);
      journals.put(partKey(run, last ? partNumber(last) + 1 : 0), encodeProgress(added));
    },

    forget,

    manifest(run) {
      const found = manifests.get(Buffer.from(run));
      const resolution = found && resolutions.get(found.subarray(0, DIGEST_BYTES));
      if (!resolution) return undefined;
      const manifest = decodedOr(() => decodeManifest(resolution, found.subarray(DIGEST_BYTES)));
      if (!manifest) return undefined;
      const nodes = [...manifest.nodes];
      for (const { index, key, outcome } of progress(run).flatMap(({ decided }) => decided)) {
        const node = nodes[index];
        if (node) nodes[index] = { ...node, key, outcome };
      }
      return { ...manifest, nodes };
    },

    journal: (run) => progress(run).flatMap(({ attempts }) => attempts),
  };
}

function partKey(run: string, part: number): Buffer {
  return Buffer.from(`${run}/${String(part).padStart(PART_DIGITS, '0')}`);
}

function partNumber(key: Buffer): number {
  return Number(key.subarray(-PART_DIGITS).toString());
}
