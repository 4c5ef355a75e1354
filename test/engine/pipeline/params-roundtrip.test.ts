// What a node receives is what the file says: any tree that JSON can hold, in its order of keys, through profiles, --set and references; or it is refused.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { paramText } from '../../../src/engine/api/project/param-text.ts';
import { Failure } from '../../../src/engine/base/failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/engine/base/json.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { load, set } from './pipelines.ts';

const key = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    '10',
    '9',
    '1.0',
    'constructor',
    'toString',
    'x y',
    'é',
    '-1',
    '01',
    'null',
    'no',
    '~',
    '<<',
    '*a',
    '&a',
    '',
    '__proto__',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 2 ** 53, 2 ** 53 - 1, 1e20, 1e21, 1e23, 5e-324, Number.MAX_VALUE, 0.1),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '',
    'yes',
    '007',
    '1_000',
    '-0',
    '*a',
    'null',
    '2024-01-01',
    `\${n}`,
    '$${',
    '$',
    '\ud800',
    ' x\n\ty ',
    '1e400',
    '# x',
    'a: b',
    '\u2028',
  ),
);
const { value, mapping } = fc.letrec<{ value: JsonValue; mapping: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('mapping'),
  ),
  mapping: fc.uniqueArray(fc.tuple(key, tie('value')), { maxLength: 5, selector: ([name]) => name }).map(mappingOf),
}));

function mappingOf(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const result: Record<string, JsonValue> = {};
  // As JSON.parse does: assignment would set the prototype.
  for (const [name, child] of entries)
    Object.defineProperty(result, name, { value: child, enumerable: true, configurable: true, writable: true });
  return result;
}

const hasLoneSurrogate = (each: string) => /\p{Surrogate}/u.test(each);

/** Whether no pipeline file can hold it. */
function isRefused(each: JsonValue, isRefusedNumber: (number: number) => boolean): boolean {
  if (typeof each === 'number') return isRefusedNumber(each);
  if (typeof each === 'string') return hasLoneSurrogate(each);
  if (Array.isArray(each)) return (each as readonly JsonValue[]).some((item) => isRefused(item, isRefusedNumber));
  if (!isJsonObject(each)) return false;
  return Object.entries(each).some(
    ([name, child]) => name === '__proto__' || hasLoneSurrogate(name) || isRefused(child, isRefusedNumber),
  );
}

const isMinusZero = (each: number) => Object.is(each, -0);
const isRefusedInFile = (each: number) =>
  isMinusZero(each) || (Math.abs(each) > Number.MAX_SAFE_INTEGER && !String(each).includes('e'));

/** With `${` as it is written where it is no reference. */
function escaped(each: JsonValue): JsonValue {
  if (typeof each === 'string') return each.replaceAll('${', () => '$${');
  if (Array.isArray(each)) return (each as readonly JsonValue[]).map(escaped);
  return isJsonObject(each) ? mappingOf(Object.entries(each).map(([name, child]) => [name, escaped(child)])) : each;
}

/** A profile laid over params, as docs/pipeline.md says it. */
function merged(base: JsonObject, overlay: JsonObject): JsonObject {
  return mappingOf(
    Object.entries(base).map(([name, below]) => {
      if (!Object.hasOwn(overlay, name)) return [name, below];
      const above = overlay[name] as JsonValue;
      return [name, isJsonObject(below) && isJsonObject(above) ? merged(below, above) : above];
    }),
  );
}

/** A profile that changes only what there is, its keys in the opposite order. */
function overlayFor(base: JsonObject, seed: JsonObject): JsonObject {
  return mappingOf(
    Object.entries(base)
      .reverse()
      .flatMap(([name, below]) => {
        if (!Object.hasOwn(seed, name)) return [];
        const above = seed[name] as JsonValue;
        return [[name, isJsonObject(below) && isJsonObject(above) ? overlayFor(below, above) : above] as const];
      }),
  );
}

const styles: readonly ((tree: JsonValue) => string)[] = [
  (tree) => JSON.stringify(tree),
  (tree) =>
    stringify(tree, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE', lineWidth: 0 }).trimEnd(),
  (tree) =>
    stringify(tree, {
      defaultStringType: 'QUOTE_DOUBLE',
      defaultKeyType: 'QUOTE_DOUBLE',
      collectionStyle: 'flow',
      lineWidth: 40,
    }).trimEnd(),
];

/** JSON writes -0 as 0: such trees are written by the other styles. */
function written(tree: JsonValue, style: number): string {
  const hasMinusZero = isRefused(tree, isMinusZero) && !isRefused(tree, () => false);
  const write = styles[hasMinusZero && style === 0 ? 1 : style] as (tree: JsonValue) => string;
  return write(escaped(tree));
}

const indented = (block: string) =>
  block
    .split('\n')
    .map((line) => `\n        ${line}`)
    .join('');

it('property: params reach the node as the file says them, through profiles, --set and references, or are refused', () => {
  let kept = 0;
  let refused = 0;
  const style = fc.nat({ max: styles.length - 1 });
  fc.assert(
    fc.property(mapping, mapping, value, value, style, (base, seed, own, setTo, which) => {
      const overlay = overlayFor(base, seed);
      const file = `
params:
  tree: ${indented(written(base, which))}
  set: 0
  copies: {one: "\${tree}", two: ["\${set}", {three: "\${copies.one}"}]}
  table: {x: "\${tree}", y: "\${set}"}
profiles:
  p:
    params:
      tree: ${indented(written(overlay, which))}
stages:
  a:
    run: a.ts
    each: {n: [x, y]}
    params:
      own: ${indented(written(own, which))}
      mixed: {n: "\${n}", copies: "\${copies}", of: "\${table[n]}"}
    outputs: {o: json}
`;
      const read = () =>
        buildPlan(load(file, 'p', [set('set', written(setTo, which === 0 ? 0 : 2))])).nodes.map(({ params }) => params);
      if ([base, overlay, own, setTo].some((tree) => isRefused(tree, isRefusedInFile))) {
        refused++;
        expect(read).toThrow(Failure);
        return;
      }
      kept++;
      const tree = merged(base, overlay);
      const copies = { one: tree, two: [setTo, { three: tree }] };
      const expected = [
        { own, mixed: { n: 'x', copies, of: tree } },
        { own, mixed: { n: 'y', copies, of: setTo } },
      ];
      const params = read();
      // The order of keys too, and on the other side of a process boundary.
      expect(JSON.stringify(params)).toBe(JSON.stringify(expected));
      expect(isDeepStrictEqual(params, expected)).toBe(true);
      expect(isDeepStrictEqual(JSON.parse(JSON.stringify(params)), expected)).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(kept, refused)).toBeGreaterThan(20);
});

it('property: what a program sets reaches the params as it is, or is refused', () => {
  fc.assert(
    fc.property(value, (given) => {
      const read = () => load('params: {x: 0}\n', undefined, [set('x', paramText(escaped(given), 'x'))]).params.x;
      if (isRefused(given, isMinusZero)) {
        expect(read).toThrow(Failure);
        return;
      }
      expect(JSON.stringify(read())).toBe(JSON.stringify(given));
      expect(isDeepStrictEqual(read(), given)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it.each([
  [undefined, 'is undefined'],
  [{ a: [1, undefined] }, 'the value that is set for x.a[1] is undefined'],
  [Array(2), 'the value that is set for x[0] is undefined'],
  [Number.NaN, 'is NaN'],
  [[Number.NEGATIVE_INFINITY], 'the value that is set for x[0] is -Infinity'],
  [-0, 'is minus zero'],
  [10n, 'is a bigint'],
  [() => 1, 'is a function'],
  [Symbol('s'), 'is a symbol'],
  [new Date(0), 'is a Date'],
  [new Map(), 'is a Map'],
  [new Float64Array(1), 'is a Float64Array'],
  [new (class Point {})(), 'is a Point'],
])('%o is not set', (given, fact) => {
  expect(() => paramText(given, 'x')).toThrow(fact);
});

it('a value that contains itself is not set', () => {
  const circle: unknown[] = [];
  circle.push({ circle });
  expect(() => paramText(circle, 'x')).toThrow('contains itself');
});
