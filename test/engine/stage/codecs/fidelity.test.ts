import { isDeepStrictEqual } from 'node:util';
import { ColumnTable, table } from 'arquero';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../../src/engine/stage/artefact.ts';
import { arrow } from '../../../../src/engine/stage/codecs/arrow.ts';
import { bytes } from '../../../../src/engine/stage/codecs/bytes.ts';
import { json } from '../../../../src/engine/stage/codecs/json.ts';
import { png } from '../../../../src/engine/stage/codecs/png.ts';
import { safetensors } from '../../../../src/engine/stage/codecs/safetensors.ts';
import { csv, markdown, svg } from '../../../../src/engine/stage/codecs/text.ts';

const CODECS: readonly Codec<unknown>[] = [json(), csv, svg, markdown, bytes, png, safetensors, arrow] as never;

/** What a value looks like to whoever reads it: for a table its rows, for an object the fields that are there. */
function seen(value: unknown): unknown {
  if (value instanceof ColumnTable) return value.columnNames().map((name) => [name, [...value.array(name)]]);
  if (Buffer.isBuffer(value)) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(seen);
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) return value;
  const fields = Object.entries(value as object).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, seen(field)]));
}

/** How messages of the JavaScript engine read, which tell a user nothing. */
const UNEXPLAINED = /^$|Cannot (read|convert|mix|set)|call stack|is not (a function|iterable|defined)|Invalid/;

async function encodedOrRefused(codec: Codec<unknown>, value: unknown): Promise<Uint8Array | undefined> {
  try {
    return await codec.encode(value);
  } catch (error) {
    expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError);
    expect((error as Error).message).not.toMatch(UNEXPLAINED);
    return undefined;
  }
}

/** Refuses the value, or gives it back as it was, and then gives the same bytes again. */
async function expectFaithful(codec: Codec<unknown>, value: unknown): Promise<boolean> {
  const encoded = await encodedOrRefused(codec, value);
  if (!encoded) return false;
  const decoded = await codec.decode(new Uint8Array(encoded));
  expect(isDeepStrictEqual(seen(decoded), seen(value)), `${codec.type} of ${fc.stringify(value)}`).toBe(true);
  expect(Buffer.compare(await codec.encode(decoded), encoded)).toBe(0);
  return true;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('', '\ufeffa', '\ud800', 'a\udc00', '😀', '__proto__', 'null', '-0', '10', '9', '\0'),
);
const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-0, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 255, -128, 1e21, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY),
);
const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

const jsonLike = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constant(null), fc.boolean(), text, number, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(text, fc.option(tie('value'), { nil: undefined, freq: 9 }), { maxKeys: 4 }),
})).value;

const typedArray = fc.oneof(
  fc.float32Array({ maxLength: 4 }),
  fc.float64Array({ maxLength: 4 }),
  fc.int8Array({ maxLength: 4 }),
  fc.int32Array({ maxLength: 4 }),
  fc.uint8Array({ maxLength: 4 }),
  fc.uint8ClampedArray({ maxLength: 4 }),
  fc.uint16Array({ maxLength: 4 }),
  fc.uint32Array({ maxLength: 4 }),
  fc.bigInt64Array({ maxLength: 4 }),
  fc.uint8Array({ maxLength: 4 }).map((data) => Buffer.from(data)),
);
const extent = fc.oneof(fc.nat(4), fc.constantFrom(-1, 0, -0, 1.5, 2 ** 32, 2 ** 53, '2', null));
const tensors = fc.dictionary(
  fc.oneof({ weight: 5, arbitrary: fc.string({ maxLength: 4 }) }, text, fc.constant('__metadata__')),
  typedArray.chain((data) =>
    fc.record({
      shape: fc.oneof({ weight: 8, arbitrary: fc.constant([data.length]) }, fc.array(extent, { maxLength: 3 })),
      data: fc.constant(data),
    }),
  ),
  { maxKeys: 3 },
);

const cells = [
  text,
  number,
  fc.integer({ min: -200, max: 200 }),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n) - 1n, max: 2n ** 63n }),
  fc.date({ noInvalidDate: false }),
  fc.integer({ min: -20_000, max: 20_000 }).map((days) => new Date(days * 86_400_000)),
  fc.oneof(text, number, fc.boolean()),
  fc.oneof({ weight: 5, arbitrary: fc.integer() }, fc.constant(undefined), anything),
] as const;
const tables = fc.integer({ min: 0, max: 6 }).chain((rows) =>
  fc
    .array(
      fc.tuple(
        fc.oneof({ weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 4 }) }, text),
        fc.oneof(
          ...cells.map((cell) =>
            fc.array(fc.option(cell as fc.Arbitrary<unknown>, { freq: 5 }), { minLength: rows, maxLength: rows }),
          ),
          fc.float32Array({ minLength: rows, maxLength: rows }),
          fc.uint8Array({ minLength: rows, maxLength: rows }),
          fc.uint32Array({ minLength: rows, maxLength: rows }),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    )
    // arquero itself cannot hold a column of this name.
    .filter((columns) => columns.every(([name]) => name !== '__proto__'))
    .map((columns) => table(columns as [string, unknown[]][])),
);

describe.each(CODECS.map((codec) => [codec.type, codec] as const))('%s', (type, codec) => {
  const fitting: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    json: jsonLike,
    csv: text,
    svg: text,
    markdown: text,
    bytes: typedArray,
    png: typedArray.map((data) =>
      Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from(data.buffer)]),
    ),
    safetensors: tensors,
    arrow: tables,
  };

  it('refuses any value, or gives it back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, jsonLike, text, typedArray, tensors, tables), async (value) => {
        await expectFaithful(codec, value);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('refuses a value of its own kind, or gives it back as it was', async () => {
    let stored = 0;
    await fc.assert(
      fc.asyncProperty(fitting[type] as fc.Arbitrary<unknown>, async (value) => {
        if (await expectFaithful(codec, value)) stored++;
      }),
      { numRuns: 500, seed: 2 },
    );
    expect(stored).toBeGreaterThan(40);
  });
});
