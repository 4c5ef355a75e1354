import { hash } from 'node:crypto';
import { type BigIntStats, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtefactDigest } from '../base/digest.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { isBefore } from '../keys/file-states.ts';

const VERSION = 'vmfdag stat cache 1';

/**
 * Digests of a source's files, by what the file system says of them. Everything that writes to a file changes its ctime. So a file of the same
 * ctime, size and number has the same bytes, if it was hashed after that time by more than the clock of the file system may lag behind. Entries
 * of which this is not certain are not kept: git calls them racy.
 */
export class StatCache {
  readonly #file: string;
  readonly #known: ReadonlyMap<string, readonly [stamp: string, digest: ArtefactDigest]>;
  readonly #kept: string[] = [];
  #isChanged = false;

  /** @param name of what is looked at: a source, with its globs */
  constructor(cacheDirectory: string, name: string) {
    this.#file = join(cacheDirectory, 'sources', `${hash('sha256', name).slice(0, 32)}.stats`);
    this.#known = read(this.#file);
  }

  /** The digest of a file that has not changed since it was kept. */
  known(place: string, stats: BigIntStats): ArtefactDigest | undefined {
    const stamp = stampOf(stats);
    const [before, digest] = this.#known.get(place) ?? [];
    if (before !== stamp || digest === undefined) return undefined;
    this.#kept.push(place, stamp, digest);
    return digest;
  }

  /** @param sinceMs a time before the file was opened */
  keep(place: string, stats: BigIntStats, digest: ArtefactDigest, sinceMs: number): void {
    this.#isChanged = true;
    if (isBefore(stats.ctimeNs, sinceMs)) this.#kept.push(place, stampOf(stats), digest);
  }

  /** Writes what was looked at, if it is other than before. Without a cache that can be written, the next command hashes again. */
  write(cacheDirectory: string): void {
    if (!this.#isChanged && this.#kept.length === this.#known.size * 3) return;
    if (!existsSync(cacheDirectory)) return;
    const text = JSON.stringify(this.#kept);
    try {
      writeWholeFile(this.#file, `${VERSION}\n${hash('sha256', text)}\n${text}`);
    } catch {
      // A cache that is read-only, or a full disk.
    }
  }
}

/** A damaged file is worth nothing: all of it is hashed again. */
function read(file: string): ReadonlyMap<string, readonly [string, ArtefactDigest]> {
  const known = new Map<string, readonly [string, ArtefactDigest]>();
  try {
    const [version, digest, text = ''] = readFileSync(file, 'utf8').split('\n');
    if (version !== VERSION || digest !== hash('sha256', text)) return known;
    const list = JSON.parse(text) as readonly string[];
    for (let at = 0; at < list.length; at += 3) {
      known.set(list[at] as string, [list[at + 1] as string, list[at + 2] as ArtefactDigest]);
    }
  } catch {
    known.clear();
  }
  return known;
}

function stampOf({ dev, ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mode} ${mtimeNs} ${ctimeNs}`;
}
