import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json } from '../../../src/contract/codecs/json.ts';

const codec = json<unknown>();
const text = (value: unknown) => new TextDecoder().decode(codec.encode(value));

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reversed(child)]),
  );
}

// Negative zero has no JSON text of its own.
const value = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).map((given) => JSON.parse(JSON.stringify(given)));

describe('json', () => {
  it('writes sorted keys and a last newline', () => {
    expect(text({ loss: 0.25, accuracy: 1, labels: [{ b: null, a: 'é' }] })).toBe(
      '{"accuracy":1,"labels":[{"a":"é","b":null}],"loss":0.25}\n',
    );
  });

  it('gives back what it was given, and equal bytes for equal values', () => {
    fc.assert(
      fc.property(value, (given) => {
        const encoded = codec.encode(given);
        expect(codec.decode(encoded)).toEqual(given);
        expect(codec.encode(reversed(given))).toEqual(encoded);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %d, and says where it is',
    (bad) => {
      expect(() => codec.encode({ metrics: [1, { loss: bad }] })).toThrow(
        new TypeError(`$.metrics[1].loss is ${bad}: not a JSON number`),
      );
    },
  );

  it.each([
    ['typed arrays, whose NaN would become null', Float64Array.of(Number.NaN), 'a Float64Array'],
    ['maps', new Map([['a', 1]]), 'a Map'],
    ['dates', new Date(0), 'a Date'],
    ['bigints', 1n, 'a bigint'],
    ['functions', () => 1, 'a function'],
    ['nothing', undefined, 'undefined'],
  ])('refuses %s', (_, bad, named) => {
    expect(() => codec.encode([bad])).toThrow(new TypeError(`$[0] is ${named}: JSON cannot hold it`));
  });

  it('leaves out fields that are undefined', () => {
    expect(text({ a: undefined, b: 1 })).toBe('{"b":1}\n');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => codec.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(TypeError);
  });
});
