import { canonicalBytes } from '../base/canonical.ts';
import type { Coordinate, Coordinates } from '../stage/stage.ts';

/** Tags and lengths as in src/engine/base/canonical.ts: golden digests of keys make sure that both agree. */
const STRING = 0x73;
const NUMBER = 0x64;
const LIST = 0x6c;
const MAP = 0x6d;
const DIGEST_LENGTH = 64;

/** More than any piece except a text needs. */
const MARGIN = 256;

/** Encoded names and values. A pipeline has few of them, and thousands of nodes share them. */
const MAXIMUM_TEXTS = 10_000;

/** Builds canonical bytes from pieces, in one buffer that serves all keys. */
export class KeyContent {
  private buffer = Buffer.allocUnsafe(1 << 12);
  private length = 0;
  private readonly texts = new Map<string, Buffer>();
  /** The sorted names of the last coordinates: nearly every next node has the same ones. */
  private names: readonly string[] = [];
  private sorted: readonly string[] = [];

  begin(): void {
    this.length = 0;
  }

  /** Valid only until the next `begin`. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  list(count: number): void {
    this.count(LIST, count);
  }

  map(count: number): void {
    this.count(MAP, count);
  }

  /** A digest as text, which is ASCII. */
  digest(digest: string): void {
    this.count(STRING, DIGEST_LENGTH);
    this.length += this.buffer.write(digest, this.length, DIGEST_LENGTH, 'latin1');
  }

  text(text: string): void {
    let encoded = this.texts.get(text);
    if (!encoded) {
      encoded = canonicalBytes(text);
      if (this.texts.size < MAXIMUM_TEXTS) this.texts.set(text, encoded);
    }
    this.reserve(encoded.length);
    this.buffer.set(encoded, this.length);
    this.length += encoded.length;
  }

  coordinates(coordinates: Coordinates): void {
    const names = this.sortedNames(coordinates);
    this.count(MAP, names.length);
    // By index: an iterator for each key would be noticeable in an up-to-date run of ten thousand nodes.
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      this.text(name);
      this.value(coordinates[name] as Coordinate);
    }
  }

  private value(value: Coordinate): void {
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number' && Number.isFinite(value)) {
      this.reserve(0);
      this.buffer[this.length] = NUMBER;
      this.length = this.buffer.writeDoubleBE(value === 0 ? 0 : value, this.length + 1);
    } else {
      const encoded = canonicalBytes(value);
      this.reserve(encoded.length);
      this.buffer.set(encoded, this.length);
      this.length += encoded.length;
    }
  }

  private sortedNames(coordinates: Coordinates): readonly string[] {
    const names = Object.keys(coordinates);
    if (names.length !== this.names.length || names.some((name, index) => name !== this.names[index])) {
      this.names = names;
      this.sorted = names.toSorted();
    }
    return this.sorted;
  }

  private count(tag: number, count: number): void {
    this.reserve(0);
    this.buffer[this.length] = tag;
    this.length = this.buffer.writeUInt32BE(count, this.length + 1);
  }

  private reserve(extra: number): void {
    if (this.length + extra + MARGIN <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + extra + MARGIN));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
