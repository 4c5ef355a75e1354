import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { canonicalBytes } from './canonical.ts';
import { digestBytes, digestToBytes } from './digest.ts';
import type { JsonValue } from './json.ts';

/** A deterministic stream of random numbers. Streams with different names are independent for all practical purposes. */
export interface RandomStream {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform on {0, …, bound − 1}, without modulo bias. */
  integer(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** A uniformly random order of 0 … count − 1 (Fisher–Yates). */
  permutation(count: number): Uint32Array;
  /** `size` different numbers out of 0 … count − 1, in random order, every subset equally likely (Floyd's algorithm, then shuffled). */
  subset(count: number, size: number): Uint32Array;
}

/**
 * Opens the stream of a seed, a purpose and coordinates, for example
 * `randomStream(3, 'minibatch order', { epoch: 12 })`. Its state comes from a SHA-256 of the three. So no stream
 * depends on how many numbers another one has drawn, or on the order in which nodes run.
 */
export function randomStream(seed: number, purpose: string, coordinates: JsonValue = null): RandomStream {
  const state = digestToBytes(digestBytes(canonicalBytes(['random stream', seed, purpose, coordinates])));
  const generator = xoroshiro128plusFromState([
    state.readInt32LE(0),
    state.readInt32LE(4),
    state.readInt32LE(8),
    // The all-zero state is a fixed point of the generator.
    state.readInt32LE(12) | 1,
  ]);
  const uniform = () => uniformFloat64(generator);
  const integer = (bound: number) => uniformInt(generator, 0, bound - 1);
  let spare: number | undefined;

  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // Marsaglia's polar method: two independent normals from a uniform point in the unit disc.
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const squaredRadius = x * x + y * y;
      if (squaredRadius > 0 && squaredRadius < 1) {
        const scale = Math.sqrt((-2 * Math.log(squaredRadius)) / squaredRadius);
        spare = y * scale;
        return x * scale;
      }
    }
  };

  const shuffle = (items: Uint32Array): Uint32Array => {
    for (let i = items.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const swapped = items[i] as number;
      items[i] = items[j] as number;
      items[j] = swapped;
    }
    return items;
  };

  const permutation = (count: number) => shuffle(Uint32Array.from({ length: count }, (_, i) => i));

  const subset = (count: number, size: number): Uint32Array => {
    if (size > count) throw new RangeError(`cannot draw ${size} different numbers out of ${count}`);
    const chosen = new Set<number>();
    for (let last = count - size; last < count; last++) {
      const candidate = integer(last + 1);
      chosen.add(chosen.has(candidate) ? last : candidate);
    }
    return shuffle(Uint32Array.from(chosen));
  };

  return { uniform, integer, normal, permutation, subset };
}
