import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtefactDigest } from '../base/digest.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { isBefore } from '../keys/file-states.ts';
import { type FileStamps, STAMP_LENGTH } from './file-stamps.ts';

const HEADER = 'vmfdag stat cache 1\n';
const DIGEST_LENGTH = 64;

/** What was looked at, in the order in which it was found. */
interface Kept {
  /** Of all files as one artefact, if every one of them is among these. */
  readonly whole: ArtefactDigest | '';
  readonly places: readonly string[];
  readonly stamps: Float64Array;
  /** One after the other. */
  readonly digests: string;
}

const NOTHING: Kept = { whole: '', places: [], stamps: new Float64Array(), digests: '' };

/**
 * Digests of a source's files, by what the file system says of them. Everything that writes to a file changes its ctime. So a file of the same
 * ctime, size and number has the same bytes, if it was hashed after that time by more than the clock of the file system may lag behind. Entries
 * of which this is not certain are not kept: git calls them racy.
 */
export class StatCache {
  readonly #file: string;
  readonly #known: Kept;
  /** By place, for files that are not where they were in the order. */
  #positions: ReadonlyMap<string, number> | undefined;
  readonly #places: string[] = [];
  readonly #numbers: number[] = [];
  readonly #digests: string[] = [];
  /** How many files are as they were, in the order in which they were. */
  #same = 0;
  #looked = 0;

  /** @param name of what is looked at: a source, with its globs */
  constructor(cacheDirectory: string, name: string) {
    this.#file = join(cacheDirectory, 'sources', `${hash('sha256', name).slice(0, 32)}.stats`);
    this.#known = read(this.#file);
  }

  /** Whether all files are as they were: then the digest of all is too. */
  whole(places: readonly string[], stamps: FileStamps): ArtefactDigest | undefined {
    const { whole, places: before, stamps: numbers } = this.#known;
    if (whole === '' || before.length !== places.length) return undefined;
    for (let i = 0; i < places.length; i++) {
      if (places[i] !== before[i] || !stamps.isSame(i, numbers, i)) return undefined;
    }
    return whole;
  }

  /** The digest of a file that has not changed since it was kept. */
  known(place: string, stamps: FileStamps, index: number): ArtefactDigest | undefined {
    const at = this.#looked++;
    const { places, stamps: numbers, digests } = this.#known;
    const position = places[at] === place ? at : this.#positionOf(place);
    if (position === undefined || !stamps.isSame(index, numbers, position)) return undefined;
    const digest = digests.slice(position * DIGEST_LENGTH, (position + 1) * DIGEST_LENGTH) as ArtefactDigest;
    if (position === this.#same) this.#same++;
    this.#put(place, stamps, index, digest);
    return digest;
  }

  /** @param sinceMs a time before the file was opened */
  keep(place: string, stamps: FileStamps, index: number, digest: ArtefactDigest, sinceMs: number): void {
    const changedNs = BigInt(Math.ceil(stamps.ctimeMs(index) * 1e6));
    if (isBefore(changedNs, sinceMs)) this.#put(place, stamps, index, digest);
  }

  /** Writes what was looked at, if it is other than before. Without a cache that can be written, the next command hashes again. */
  write(cacheDirectory: string, digest: ArtefactDigest): void {
    const count = this.#places.length;
    const whole = count === this.#looked ? digest : '';
    if (this.#same === count && count === this.#known.places.length && whole === this.#known.whole) return;
    if (!existsSync(cacheDirectory)) return;
    const stamps = new Uint8Array(Float64Array.from(this.#numbers).buffer);
    const names = Buffer.from(JSON.stringify([whole, this.#places, this.#digests.join('')]));
    const content = Buffer.concat([stamps, names]);
    try {
      writeWholeFile(
        this.#file,
        Buffer.concat([Buffer.from(`${HEADER}${hash('sha256', content)}\n${count}\n`), content]),
      );
    } catch {
      // A cache that is read-only, or a full disk.
    }
  }

  #put(place: string, stamps: FileStamps, index: number, digest: ArtefactDigest): void {
    this.#places.push(place);
    this.#digests.push(digest);
    for (const number of stamps.of(index)) this.#numbers.push(number);
  }

  #positionOf(place: string): number | undefined {
    this.#positions ??= new Map(this.#known.places.map((each, index) => [each, index]));
    return this.#positions.get(place);
  }
}

/** A damaged file is worth nothing: all of it is hashed again. */
function read(file: string): Kept {
  try {
    const bytes = readFileSync(file);
    const [version, digest, count] = bytes.subarray(0, 200).toString('latin1').split('\n');
    if (`${version}\n` !== HEADER || digest === undefined || count === undefined) return NOTHING;
    const content = bytes.subarray(HEADER.length + digest.length + count.length + 2);
    if (hash('sha256', content) !== digest) return NOTHING;
    const length = Number(count) * STAMP_LENGTH * Float64Array.BYTES_PER_ELEMENT;
    const stamps = new Float64Array(new Uint8Array(content.subarray(0, length)).buffer);
    const [whole, places, digests] = JSON.parse(content.toString('utf8', length)) as [ArtefactDigest, string[], string];
    return { whole, places, stamps, digests };
  } catch {
    return NOTHING;
  }
}
