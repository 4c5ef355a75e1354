import type { RandomStream } from '../../../../src/engine/base/random.ts';

/** What is done to a database file. */
export interface Change {
  readonly what: string;
  readonly bytes: readonly { readonly offset: number; readonly value: number }[];
  /** What is left of the file. */
  readonly length: number;
}

/** `refused`: with a message; `detected`: as if it were not there, or said by `cache verify`. */
export type Verdict =
  | { readonly kind: 'refused' | 'wrong'; readonly what: string }
  | { readonly kind: 'detected' | 'harmless' };

const PAGE = 4096;
const META_PAGES = 2;
const CUTS_ONE_IN = 8;

/** Changes one byte, mostly among those that LMDB follows, or cuts the file off. */
export function drawChange(pristine: Buffer, random: RandomStream): Change {
  const { length } = pristine;
  if (random.integer(CUTS_ONE_IN) === 0) {
    const left = random.integer(length);
    return { what: `cut off after ${left} of ${length} bytes`, bytes: [], length: left };
  }
  const offset = drawOffset(pristine, random);
  const old = pristine.readUInt8(offset);
  // One bit, or any other value.
  const value = random.integer(2) === 0 ? old ^ (1 << random.integer(8)) : (old + 1 + random.integer(255)) % 256;
  return { what: `byte ${offset} is ${value} instead of ${old}`, bytes: [{ offset, value }], length };
}

function drawOffset(pristine: Buffer, random: RandomStream): number {
  const pages = pristine.length / PAGE;
  const page = random.integer(6) === 0 ? random.integer(META_PAGES) : random.integer(pages);
  const within = [
    // The header, with what follows it: pointers to nodes, or a description of trees.
    () => random.integer(page < META_PAGES ? 180 : 120),
    // Nodes and values: few bytes of them are 0.
    () => nonZero(pristine, page, random),
    () => random.integer(PAGE),
  ][random.integer(3)] as () => number;
  return page * PAGE + within();
}

function nonZero(pristine: Buffer, page: number, random: RandomStream): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const offset = random.integer(PAGE);
    if (pristine[page * PAGE + offset] !== 0) return offset;
  }
  return random.integer(PAGE);
}
