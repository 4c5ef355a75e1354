import type { ArtefactDigest } from '../base/digest.ts';
import type { DirectoryEntry } from '../store/directories/manifest.ts';
import type { Store } from '../store/store.ts';

/** How the files of a directory differ from those of another one, by their paths. */
export interface FileChanges {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** How many more there are than those that are named. */
  readonly more: number;
}

/** Reasons are events and records, and a directory may have a hundred thousand files. */
const NAMED = 20;

type Entries = readonly DirectoryEntry[];

/** Compares directories by their manifests. Each pair is compared once, since many nodes read the same ones. */
export class DirectoryChanges {
  readonly #sources: ReadonlyMap<ArtefactDigest, () => Entries>;
  readonly #known = new Map<string, FileChanges | undefined>();

  /** @param sources what the sources hold now: the cache may not have it yet */
  constructor(sources: ReadonlyMap<ArtefactDigest, () => Entries>) {
    this.#sources = sources;
  }

  /** Undefined where one of the two is no directory, or its manifest is not in the cache any more. */
  between(old: ArtefactDigest, now: ArtefactDigest, store: Store): FileChanges | undefined {
    const pair = `${old}${now}`;
    if (this.#known.has(pair)) return this.#known.get(pair);
    const [before, after] = [this.#entries(old, store), this.#entries(now, store)];
    const changes = before && after && fileChanges(before, after);
    this.#known.set(pair, changes);
    return changes;
  }

  #entries(digest: ArtefactDigest, store: Store): Entries | undefined {
    const source = this.#sources.get(digest)?.();
    if (source) return source;
    try {
      return store.files.entries(digest);
    } catch {
      // Its bytes are missing or damaged.
      return undefined;
    }
  }
}

/** The files in which two directories differ. */
function fileChanges(before: Entries, after: Entries): FileChanges {
  const [old, now] = [byPath(before), byPath(after)];
  const changed: string[] = [];
  const added: string[] = [];
  const removed: string[] = [];
  for (const [path, entry] of now) {
    const was = old.get(path);
    if (was === undefined) added.push(path);
    else if (was !== entry) changed.push(path);
  }
  for (const path of old.keys()) if (!now.has(path)) removed.push(path);
  const all = changed.length + added.length + removed.length;
  let room = NAMED;
  const named = (paths: readonly string[]): readonly string[] => {
    const first = paths.slice(0, room);
    room -= first.length;
    return first;
  };
  const names = { changed: named(changed), added: named(added), removed: named(removed) };
  return { ...names, more: Math.max(0, all - NAMED) };
}

function byPath(entries: Entries): ReadonlyMap<string, string> {
  return new Map(entries.map((entry) => [entry.path, contentOf(entry)]));
}

function contentOf(entry: DirectoryEntry): string {
  switch (entry.kind) {
    case 'file':
      return entry.isExecutable ? `${entry.digest} executable` : entry.digest;
    case 'link':
      return `link ${entry.target}`;
    case 'folder':
      return 'folder';
  }
}
