import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/engine/base/canonical.ts';
import { randomStream } from '../../../src/engine/base/random.ts';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

/** Pearson's statistic against equal counts. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Wilson and Hilferty's approximation of the 99.9 % point of χ² with some degrees of freedom (z = 3.0902). */
function chiSquareLimit(degrees: number): number {
  const scale = 2 / (9 * degrees);
  return degrees * (1 - scale + 3.0902 * Math.sqrt(scale)) ** 3;
}

function tally(keys: Iterable<string>): number[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.values()];
}

/** xoroshiro128+ (Blackman and Vigna 2018: rotations and shift 24, 16, 37) on BigInt; state as 32-bit words, high word of each half first. */
function* xoroshiro128plus(state: Buffer): Generator<bigint> {
  const wrap = (value: bigint) => BigInt.asUintN(64, value);
  const rotate = (value: bigint, by: bigint) => wrap((value << by) | (value >> (64n - by)));
  const word = (offset: number) => (BigInt(state.readUInt32LE(offset)) << 32n) | BigInt(state.readUInt32LE(offset + 4));
  let [s0, s1] = [word(0), word(8)];
  for (;;) {
    yield wrap(s0 + s1);
    s1 ^= s0;
    s0 = wrap(rotate(s0, 24n) ^ s1 ^ (s1 << 16n));
    s1 = rotate(s1, 37n);
  }
}

describe('randomStream', () => {
  it('gives the same numbers for ever', () => {
    const stream = randomStream(3, 'minibatch order', { epoch: 12 });
    expect(draw(3, stream.uniform)).toEqual([0.4728881322720546, 0.4912545482828582, 0.6495815149744021]);
    expect([stream.integer(10), stream.integer(1000), stream.integer(2 ** 31)]).toEqual([0, 789, 50156644]);
    expect(draw(3, stream.normal)).toEqual([-0.3692283499119905, -0.14788873074158648, -0.35394635732078616]);
    expect([...stream.permutation(8)]).toEqual([4, 5, 7, 3, 6, 2, 1, 0]);
    expect([...stream.subset(100, 5)]).toEqual([87, 57, 80, 14, 30]);
  });

  it('is cut from a SHA-256 of seed, purpose and coordinates', () => {
    const state = createHash('sha256')
      .update(canonicalBytes(['random stream', 7, 'check', null]))
      .digest();
    state[12] = (state[12] as number) | 1;
    const generator = xoroshiro128plus(state);
    const next = () => Number((generator.next().value as bigint) & 0xffffffffn);
    // 53 bits of two 32-bit words: 26 and 27 of them.
    const uniform = () => ((next() & 0x3ffffff) * 2 ** 27 + (next() & 0x7ffffff)) * 2 ** -53;
    const stream = randomStream(7, 'check');
    expect(draw(100, stream.uniform)).toEqual(draw(100, uniform));
  });

  it('starts again for the same purpose and coordinates, in whatever order they are given', () => {
    const once = draw(20, randomStream(1, 'a', { architecture: 'fnn', epoch: 2 }).uniform);
    expect(draw(20, randomStream(1, 'a', { epoch: 2, architecture: 'fnn' }).uniform)).toEqual(once);
  });

  it('has other numbers for another seed, purpose or coordinate', () => {
    const streams = [
      randomStream(1, 'a', { epoch: 1 }),
      randomStream(2, 'a', { epoch: 1 }),
      randomStream(1, 'b', { epoch: 1 }),
      randomStream(1, 'a', { epoch: 2 }),
      randomStream(1, 'a', { epoch: '1' }),
      randomStream(1, 'a'),
    ];
    expect(new Set(streams.map(({ uniform }) => uniform())).size).toBe(streams.length);
  });

  it('does not depend on what other streams have drawn', () => {
    const undisturbed = draw(10, randomStream(1, 'a').normal);
    const [a, b] = [randomStream(1, 'a'), randomStream(1, 'b')];
    const interleaved = draw(10, () => {
      b.permutation(5);
      return a.normal();
    });
    expect(interleaved).toEqual(undisturbed);
  });

  it('has streams of neighbouring seeds that are not correlated', () => {
    const pairs = 20_000;
    const [a, b] = [randomStream(1, 'a'), randomStream(2, 'a')];
    let products = 0;
    for (let index = 0; index < pairs; index++) products += a.normal() * b.normal();
    // The mean of products of independent standard normals has standard deviation 1/√n.
    expect(Math.abs(products / pairs)).toBeLessThan(4 / Math.sqrt(pairs));
  });

  it('has first numbers of many seeds that are uniform', () => {
    const cells = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 10_000; seed++) {
      const cell = Math.floor(randomStream(seed, 'first').uniform() * 20);
      cells[cell] = (cells[cell] as number) + 1;
    }
    expect(chiSquare(cells)).toBeLessThan(chiSquareLimit(19));
  });

  it('has uniform numbers in [0, 1), and integers below their bound', () => {
    const stream = randomStream(5, 'uniform');
    const cells = new Array<number>(100).fill(0);
    for (let index = 0; index < 100_000; index++) {
      const cell = Math.floor(stream.uniform() * 100);
      cells[cell] = (cells[cell] as number) + 1;
    }
    expect(cells.length).toBe(100);
    expect(chiSquare(cells)).toBeLessThan(chiSquareLimit(99));
    const integers = tally(draw(70_000, () => String(stream.integer(7))));
    expect(integers.length).toBe(7);
    expect(chiSquare(integers)).toBeLessThan(chiSquareLimit(6));
    expect(draw(50, () => stream.integer(1))).toEqual(new Array(50).fill(0));
  });

  it('has integers without modulo bias for bounds near a power of two', () => {
    // 3·2^30 out of 32 bits by remainder would give the lower third twice as often.
    const stream = randomStream(6, 'bias');
    const thirds = [0, 0, 0];
    for (let index = 0; index < 30_000; index++) {
      const third = Math.floor(stream.integer(3 * 2 ** 30) / 2 ** 30);
      thirds[third] = (thirds[third] as number) + 1;
    }
    expect(chiSquare(thirds)).toBeLessThan(chiSquareLimit(2));
  });

  it('has normals with the moments of the standard normal', () => {
    const count = 200_000;
    const { normal } = randomStream(8, 'normal');
    const sums = [0, 0, 0, 0, 0];
    let tail = 0;
    for (let index = 0; index < count; index++) {
      const x = normal();
      for (let power = 1; power <= 4; power++) sums[power] = (sums[power] as number) + x ** power;
      if (Math.abs(x) > 2) tail++;
    }
    const mean = (power: number) => (sums[power] as number) / count;
    const within = (actual: number, expected: number, variance: number) =>
      expect(Math.abs(actual - expected)).toBeLessThan(4 * Math.sqrt(variance / count));
    // E xᵏ and the variances E x²ᵏ − (E xᵏ)² of the standard normal.
    within(mean(1), 0, 1);
    within(mean(2), 1, 2);
    within(mean(3), 0, 15);
    within(mean(4), 3, 96);
    // P(|x| > 2) = 1 − erf(√2)
    const p = 0.04550026389635842;
    within(tail / count, p, p * (1 - p));
  });

  it('has permutations of every order equally often', () => {
    const stream = randomStream(9, 'permutation');
    const counts = tally(draw(24_000, () => stream.permutation(4).join()));
    expect(counts.length).toBe(24);
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(23));
    expect([...stream.permutation(0)]).toEqual([]);
    expect([...stream.permutation(1000)].sort((a, b) => a - b)).toEqual(draw(1000, () => 0).map((_, index) => index));
  });

  it('has subsets of every choice and order equally often', () => {
    const stream = randomStream(10, 'subset');
    const ordered = tally(draw(40_000, () => stream.subset(5, 3).join()));
    expect(ordered.length).toBe(60);
    expect(chiSquare(ordered)).toBeLessThan(chiSquareLimit(59));
  });

  it('has subsets of distinct numbers, up to all of them', () => {
    const stream = randomStream(11, 'subset');
    for (const [count, size] of [
      [60_000, 64],
      [5, 5],
      [1, 1],
      [9, 0],
    ] as const) {
      const subset = stream.subset(count, size);
      expect(subset.length).toBe(size);
      expect(new Set(subset).size).toBe(size);
      expect([...subset].every((index) => index < count)).toBe(true);
    }
    expect(() => stream.subset(3, 4)).toThrow('cannot draw 4 different numbers out of 3');
  });
});
