import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json } from '../../../../src/engine/stage/codecs/json.ts';

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

const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });

function circle(): unknown {
  const inner: Record<string, unknown> = {};
  inner.list = [1, inner];
  return { inner };
}

function itself(): unknown {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

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
    ['promises, which somebody forgot to await', Promise.resolve(1), 'a Promise'],
    ['symbols', Symbol('s'), 'a symbol'],
    ['sets', new Set([1]), 'a Set'],
    ['boxed numbers', Object(1), 'a Number'],
    ['errors', new Error('no'), 'an Error'],
    ['instances of classes, also with toJSON', new URL('data:,'), 'a URL'],
    ['instances of subclasses of lists', new (class Lists extends Array {})(), 'a Lists'],
  ])('refuses %s', (_, bad, named) => {
    expect(() => codec.encode([bad])).toThrow(new TypeError(`$[0] is ${named}: JSON cannot hold it`));
  });

  it.each<[string, unknown, string]>([
    ['a circle', circle(), '$.inner.list[1] is $.inner again: JSON cannot hold a circle'],
    ['a value in itself', itself(), '$.self is $ again: JSON cannot hold a circle'],
    ['a hole', Object.assign([], { 0: 1, 2: 3 }), '$[1] is a hole in the list: JSON cannot hold it'],
    ['a field of a list', { m: 'ab'.match(/b/) }, '$.m is a list with a field index: JSON cannot hold it'],
    [
      'an accessor',
      {
        get a() {
          return 1;
        },
      },
      '$.a is an accessor: JSON cannot hold it',
    ],
    [
      'a field that is not enumerable',
      Object.defineProperty({}, 'a', { value: 1 }),
      '$.a is not enumerable: JSON cannot hold it',
    ],
    ['a symbol as key', { [Symbol('s')]: 1 }, '$ has the key Symbol(s): JSON cannot hold it'],
    ['a method toJSON', { toJSON: () => 1 }, '$.toJSON is a function: JSON cannot hold it'],
    ['a name with blanks', { 'a b': { '0': 1n } }, '$["a b"]["0"] is a bigint: JSON cannot hold it'],
    [
      'a place far inside',
      nested(100_000, () => 1),
      `$${'[0]'.repeat(8)} … ${'[0]'.repeat(8)} is a function: JSON cannot hold it`,
    ],
  ])('refuses %s and names the place', (_, bad, message) => {
    expect(() => codec.encode(bad)).toThrow(new TypeError(message));
  });

  it('keeps what JSON.stringify would lose or stumble over', () => {
    expect(text([-0, { a: -0, b: 0 }])).toBe('[-0,{"a":-0,"b":0}]\n');
    expect(codec.decode(codec.encode(-0))).toBe(-0);
    expect(codec.decode(codec.encode('\ud800'))).toBe('\ud800');
    const named = Object.fromEntries([['__proto__', { a: 1 }]]);
    expect(Object.entries(codec.decode(codec.encode(named)) as object)).toEqual([['__proto__', { a: 1 }]]);
    expect(text(nested(100_000, 1))).toBe(`${'['.repeat(100_000)}1${']'.repeat(100_000)}\n`);
  });

  it('writes a value that occurs twice, since it is no circle', () => {
    const shared = { a: [-0] };
    expect(text([shared, shared])).toBe('[{"a":[-0]},{"a":[-0]}]\n');
  });

  it('orders keys as an object does: whole numbers first', () => {
    expect(text({ b: -0, '10': 1, a: 2, '9': 3 })).toBe('{"9":3,"10":1,"a":2,"b":-0}\n');
    expect(text({ b: 0, '10': 1, a: 2, '9': 3 })).toBe('{"9":3,"10":1,"a":2,"b":0}\n');
  });

  it('leaves out fields that are undefined', () => {
    expect(text({ a: undefined, b: 1 })).toBe('{"b":1}\n');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => codec.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(TypeError);
  });
});
