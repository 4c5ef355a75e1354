import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Canonical, canonicalBytes } from '../../../src/engine/base/canonical.ts';

const hex = (value: unknown) => canonicalBytes(value as Canonical).toString('hex');

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, '', 0, 1, -1, '1', 'null'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.uint8Array({ maxLength: 4 }),
);

/** Small alphabets of keys and values, so that equal and almost equal pairs are common. */
const value: fc.Arbitrary<Canonical> = fc.letrec<{ tree: Canonical }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('', 'a', 'b', 'ab', 'é', '10', '9'), tie('tree'), { maxKeys: 3 }),
  ),
})).tree;

/** Equality as the format's description has it, written without bytes: −0 is 0, the order of keys is nothing. */
function equal(a: Canonical, b: Canonical): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && a.join() === b.join();
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equal(item as Canonical, b[index] as Canonical))
    );
  }
  const [left, right] = [a, b] as unknown as [Record<string, Canonical>, Record<string, Canonical>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key] as Canonical, right[key] as Canonical))
  );
}

function withKeysReversed(tree: Canonical): Canonical {
  if (Array.isArray(tree)) return tree.map((item) => withKeysReversed(item as Canonical));
  if (typeof tree !== 'object' || tree === null || tree instanceof Uint8Array) return tree;
  const entries = Object.entries(tree as Record<string, Canonical>).reverse();
  return Object.fromEntries(entries.map(([key, child]) => [key, withKeysReversed(child)]));
}

describe('canonicalBytes', () => {
  it.each([
    [null, '6e'],
    [false, '66'],
    [true, '74'],
    [0, '640000000000000000'],
    [-0, '640000000000000000'],
    [1, '643ff0000000000000'],
    [-1.5, '64bff8000000000000'],
    ['', '7300000000'],
    ['a', '730000000161'],
    ['é', '7300000002c3a9'],
    ['😀', '7300000004f09f9880'],
    [Uint8Array.of(0, 255), '620000000200ff'],
    [[], '6c00000000'],
    [{}, '6d00000000'],
    [['a', 'b'], '6c00000002730000000161730000000162'],
    [[['a'], 'b'], '6c000000026c00000001730000000161730000000162'],
    [{ b: null, a: [true] }, '6d00000002' + '730000000161' + '6c0000000174' + '730000000162' + '6e'],
    // Keys sort by UTF-16 code unit, whatever order JavaScript keeps numeric keys in.
    [{ 9: null, 10: null }, '6d00000002' + '73000000023130' + '6e' + '730000000139' + '6e'],
  ])('lays out %j as %s', (given, expected) => {
    expect(hex(given)).toBe(expected);
  });

  it('gives equal bytes for equal values, and other bytes for others', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(hex(a) === hex(b)).toBe(equal(a, b));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('tells a value from its neighbours', () => {
    // Random pairs are rarely near each other; these differ in one place from a given value.
    fc.assert(
      fc.property(value, (a) => {
        const neighbours: Canonical[] = [[a], { a }, [a, a], [a, 'x', a], [[a]], { a, b: null }, JSON.stringify(a)];
        expect(new Set([a, ...neighbours].map(hex)).size).toBe(neighbours.length + 1);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(value, (a) => {
        expect(hex(withKeysReversed(a))).toBe(hex(a));
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('returns bytes that later calls do not change, also for values larger than its buffer', () => {
    const large = canonicalBytes(new Uint8Array(200_000).fill(7));
    const copy = Buffer.from(large);
    canonicalBytes('x'.repeat(300_000));
    expect(large.equals(copy)).toBe(true);
    expect(large.length).toBe(5 + 200_000);
    expect(canonicalBytes('é'.repeat(100_000)).length).toBe(5 + 200_000);
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['undefined in a map', { a: undefined }],
    ['a hole in a list', new Array(1)],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a Map', new Map([['a', 1]])],
    ['a Date', new Date(0)],
    ['a typed array of numbers', Float32Array.of(1)],
  ])('refuses %s', (_, refused) => {
    expect(() => canonicalBytes([refused] as unknown as Canonical)).toThrow(TypeError);
  });

  it('refuses text with half of a surrogate pair, which UTF-8 cannot hold', () => {
    // Encoded blindly, every one of them would have the bytes of U+FFFD.
    for (const text of ['\ud800', 'a\udc00', '\udc00\ud800', '\ud83d']) {
      expect(() => canonicalBytes(text)).toThrow(TypeError);
      expect(() => canonicalBytes({ [text]: 1 })).toThrow(TypeError);
    }
    expect(hex('\ufffd')).toBe('7300000003efbfbd');
  });

  it('works on after a value that it refused', () => {
    expect(() => canonicalBytes([1, [2, Number.NaN]])).toThrow('NaN has no canonical bytes');
    expect(hex(null)).toBe('6e');
  });
});
