import { statSync } from 'node:fs';
import { hashFile } from '../../base/hash-file.ts';
import { ifThere } from '../../base/if-there.ts';
import { ABSENT, isBefore } from '../file-states.ts';

/** A file with its content at some time. */
export interface SeenFile {
  readonly path: string;
  /** SHA-256, or `ABSENT`. */
  readonly digest: string;
  /** While the file system says the same, so is the digest; null where that proves nothing. */
  readonly stamp: string | null;
}

/** No file has this digest, and no folder this entry: what was read may be older than what is there. */
export const CHANGED_MEANWHILE = 'changed meanwhile';

const seen = new Map<string, SeenFile>();

/**
 * Looks at a file that somebody has used since a time. If it was changed since then, nobody knows what was used: it will count as changed.
 */
export function seeFile(path: string, sinceMs: number): SeenFile {
  const known = seen.get(path);
  const now = stateOf(path);
  if (!now) return { path, digest: ABSENT, stamp: null };
  if (!isBefore(now.changedNs, sinceMs)) return { path, digest: CHANGED_MEANWHILE, stamp: null };
  if (known?.stamp === now.stamp) return known;
  const found = { path, digest: digestOf(path), stamp: now.stamp };
  seen.set(path, found);
  return found;
}

/** The digest that a file has now. */
export function presentDigest(file: SeenFile): string {
  const now = stateOf(file.path);
  if (!now) return ABSENT;
  return now.stamp === file.stamp ? file.digest : digestOf(file.path);
}

function stateOf(path: string): { readonly stamp: string; readonly changedNs: bigint } | undefined {
  const stats = ifThere((options) => statSync(path, { ...options, bigint: true }));
  if (!stats?.isFile()) return undefined;
  return { stamp: `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}`, changedNs: stats.ctimeNs };
}

function digestOf(path: string): string {
  try {
    return hashFile(path);
  } catch {
    return ABSENT;
  }
}
