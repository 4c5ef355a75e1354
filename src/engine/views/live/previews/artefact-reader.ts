import type { ArtefactDigest } from '../../../base/digest.ts';
import { ARTEFACT_EXTENSIONS } from '../../../stage/artefact.ts';
import type { Store } from '../../../store/store.ts';

/** An artefact, or a file of one that is a directory. */
export interface Viewed {
  readonly digest: ArtefactDigest;
  /** As declared, or as the name of a file says. */
  readonly type: string;
  readonly bytes: number;
}

/** What there is under a digest and a path: no path of a request reaches the file system, since a directory lists its files with their digests. */
export function findArtefact(
  digest: ArtefactDigest,
  type: string,
  path: string | undefined,
  store: Store,
): Viewed | undefined {
  if (!store.hasArtefact(digest)) return undefined;
  if (path === undefined) return { digest, type, bytes: store.artefactBytes(digest) ?? 0 };
  const entry = store.files.isDirectory(digest)
    ? store.files.entries(digest)?.find((each) => each.path === path)
    : undefined;
  if (entry?.kind !== 'file' || !store.hasArtefact(entry.digest)) return undefined;
  return { digest: entry.digest, type: typeOfName(path), bytes: entry.bytes };
}

/** Whoever writes a file of any other kind may call it `.bin`. */
const TYPES_BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(ARTEFACT_EXTENSIONS).flatMap(([type, extension]) =>
    extension === undefined || type === 'bytes' ? [] : [[extension, type]],
  ),
);

export function typeOfName(path: string): string {
  return TYPES_BY_EXTENSION.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'file';
}
