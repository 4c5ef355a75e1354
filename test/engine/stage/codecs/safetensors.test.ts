import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorData, Tensors } from '../../../../src/engine/stage/artefact.ts';
import { safetensors } from '../../../../src/engine/stage/codecs/safetensors.ts';

const arrays = [
  fc.float32Array({ maxLength: 8 }),
  fc.float64Array({ maxLength: 8 }),
  fc.int32Array({ maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }),
  fc.uint16Array({ maxLength: 8 }),
  fc.uint32Array({ maxLength: 8 }),
] as const;

const tensors: fc.Arbitrary<Tensors> = fc.dictionary(
  fc
    .string({ minLength: 1, maxLength: 6, unit: 'grapheme' })
    .filter((name) => name !== '__metadata__' && name !== '__proto__'),
  fc.oneof(...arrays).map((data: TensorData) => ({
    shape: data.length % 2 === 0 ? [data.length / 2, 2] : [data.length],
    data,
  })),
  { maxKeys: 5 },
);

/** A file laid out by hand: u64 little-endian length of the header, header, body. */
function layOut(header: string, body: readonly number[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file;
}

function headerOf(
  file: Uint8Array,
): Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
}

const KINDS = 'Float32Array, Float64Array, Int32Array, Uint8Array, Uint16Array, Uint32Array';

function transferred(): Float32Array {
  const data = Float32Array.of(1);
  structuredClone(data, { transfer: [data.buffer] });
  return data;
}

describe('safetensors', () => {
  it('writes the bytes that the format asks for', () => {
    const file = safetensors.encode({
      labels: { shape: [3], data: Uint8Array.of(1, 2, 255) },
      weights: { shape: [1, 2], data: Float32Array.of(1, -2) },
      norm: { shape: [], data: Float64Array.of(0.5) },
    });
    const header =
      '{"norm":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"weights":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},' +
      '"labels":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}';
    const padded = header + ' '.repeat((8 - (header.length % 8)) % 8);
    expect(padded.length % 8).toBe(0);
    const body = [...[0, 0, 0, 0, 0, 0, 0xe0, 0x3f], ...[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], ...[1, 2, 255]];
    expect(Buffer.from(file).toString('latin1')).toBe(Buffer.from(layOut(padded, body)).toString('latin1'));
  });

  it('reads a file laid out by hand, with metadata, other orders and no padding', () => {
    const file = layOut(
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"I32","shape":[1],"data_offsets":[2,6]},"a":{"shape":[1,1],"data_offsets":[0,2],"dtype":"U16"}}',
      [0x34, 0x12, 0xfe, 0xff, 0xff, 0xff],
    );
    expect(safetensors.decode(file)).toEqual({
      a: { shape: [1, 1], data: Uint16Array.of(0x1234) },
      b: { shape: [1], data: Int32Array.of(-2) },
    });
  });

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(tensors, (given) => {
        expect(safetensors.decode(safetensors.encode(given))).toEqual(given);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('gives equal bytes for equal tensors, whatever their order or the buffer they lie in', () => {
    fc.assert(
      fc.property(tensors, (given) => {
        const moved = Object.entries(given)
          .reverse()
          .map(([name, { shape, data }]) => {
            const width = data.BYTES_PER_ELEMENT;
            const shifted = new Uint8Array(data.byteLength + width);
            shifted.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width);
            const ArrayType = data.constructor as new (
              buffer: ArrayBuffer,
              offset: number,
              length: number,
            ) => TensorData;
            return [name, { shape, data: new ArrayType(shifted.buffer, width, data.length) }];
          });
        expect(safetensors.encode(Object.fromEntries(moved))).toEqual(safetensors.encode(given));
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('aligns every tensor to its element size in the file, without gaps', () => {
    fc.assert(
      fc.property(tensors, (given) => {
        const file = safetensors.encode(given);
        const headerLength = Number(new DataView(file.buffer).getBigUint64(0, true));
        expect((8 + headerLength) % 8).toBe(0);
        let end = 0;
        const entries = Object.entries(headerOf(file)).sort(
          ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
        );
        for (const [name, { data_offsets: offsets }] of entries) {
          expect(offsets[0] % (given[name]?.data.BYTES_PER_ELEMENT as number)).toBe(0);
          expect(offsets[0]).toBe(end);
          end = offsets[1];
        }
        expect(file.length).toBe(8 + headerLength + end);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('gives each tensor its own buffer', () => {
    const file = safetensors.encode({ a: { shape: [2], data: Float32Array.of(1, 2) } });
    const { a } = safetensors.decode(file);
    file.fill(0);
    expect(a?.data).toEqual(Float32Array.of(1, 2));
    expect(a?.data.buffer.byteLength).toBe(8);
  });

  it('reads from the middle of a larger buffer', () => {
    const file = safetensors.encode({ a: { shape: [2], data: Float64Array.of(1, 2) } });
    const larger = new Uint8Array(file.length + 24);
    larger.set(file, 8);
    expect(safetensors.decode(larger.subarray(8, 8 + file.length)).a?.data).toEqual(Float64Array.of(1, 2));
  });

  it('reads a Buffer, whose slices are views', () => {
    const written = { a: { shape: [3], data: Float32Array.of(1, 2, 3) }, b: { shape: [1], data: Uint8Array.of(7) } };
    expect(safetensors.decode(Buffer.from(safetensors.encode(written)))).toEqual(written);
  });

  it('refuses a file that is cut short anywhere', () => {
    const file = safetensors.encode({
      a: { shape: [2], data: Float32Array.of(1, 2) },
      b: { shape: [1], data: Uint8Array.of(7) },
    });
    for (let length = 0; length < file.length; length++) {
      expect(() => safetensors.decode(file.slice(0, length)), `${length} of ${file.length} bytes`).toThrow(RangeError);
    }
    expect(() => safetensors.decode(file.slice(0, 5))).toThrow('a safetensors file of 5 bytes is cut short');
    expect(() => safetensors.decode(file.slice(0, 20))).toThrow('the safetensors header is cut short');
    expect(() => safetensors.decode(file.slice(0, -1))).toThrow('tensor "b" is cut short');
  });

  it.each([
    ['a dtype that it does not know', 'BF16', [1], [0, 2], 'tensor "a" has dtype BF16, which is not supported'],
    ['more bytes than the shape has', 'U8', [1], [0, 2], 'tensor "a" has shape [1] of U8 but 2 bytes'],
    ['fewer bytes than the shape has', 'F32', [2, 2], [0, 4], 'tensor "a" has shape [2, 2] of F32 but 4 bytes'],
    ['offsets that run backwards', 'U8', [1], [2, 1], 'tensor "a" has shape [1] of U8 but -1 bytes'],
    [
      'a dtype that every object has',
      'constructor',
      [1],
      [0, 1],
      'tensor "a" has dtype constructor, which is not supported',
    ],
    ['a negative size', 'U8', [-2, -2], [0, 4], 'tensor "a" has no shape'],
    ['half a size', 'U8', [2.5], [0, 4], 'tensor "a" has no shape'],
    ['a text for a shape', 'U8', '4', [0, 4], 'tensor "a" has no shape'],
    ['half an offset', 'U8', [4], [0, 4.5], 'tensor "a" has no data_offsets'],
    ['a negative offset', 'U8', [4], [-4, 0], 'tensor "a" has no data_offsets'],
    ['bytes before the first tensor', 'U8', [2], [2, 4], 'tensor "a" leaves a gap to the one before it'],
    ['bytes after the last tensor', 'U8', [2], [0, 2], '2 bytes after the last tensor belong to none'],
  ])('refuses %s', (_, dtype, shape, offsets, message) => {
    const file = layOut(JSON.stringify({ a: { dtype, shape, data_offsets: offsets } }), [0, 0, 0, 0]);
    expect(() => safetensors.decode(file)).toThrow(new RangeError(message));
  });

  it.each([
    ['no JSON', '{"a":', 'the safetensors header is not JSON'],
    ['a list', '[]', 'the safetensors header is not a mapping of names to tensors'],
    ['nothing for a tensor', '{"a":null}', 'tensor "a" has dtype undefined, which is not supported'],
    [
      'tensors that share bytes',
      '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
      'tensor "b" shares bytes with the one before it',
    ],
    [
      'a name twice, also written in another way',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
      'the safetensors header names "a" twice',
    ],
    [
      'the name of the prototype',
      '{"__proto__":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
      'the safetensors header has a tensor of the name "__proto__"',
    ],
  ])('refuses a header with %s', (_, header, message) => {
    expect(() => safetensors.decode(layOut(header, [0, 0, 0, 0]))).toThrow(new RangeError(message));
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'the value is a number: safetensors cannot hold it'],
    [
      'a list of tensors',
      [{ shape: [1], data: Uint8Array.of(1) }],
      'the value is an Array: safetensors cannot hold it',
    ],
    ['a map of tensors', new Map(), 'the value is a Map: safetensors cannot hold it'],
    ['a promise of tensors', Promise.resolve({}), 'the value is a Promise: safetensors cannot hold it'],
    ['an array for a tensor', { a: Float32Array.of(1) }, 'tensor "a" is a Float32Array: safetensors cannot hold it'],
    [
      'a tensor with more fields',
      { a: { shape: [1], data: Uint8Array.of(1), unit: 'm' } },
      'tensor "a" has a field "unit": use shape and data only',
    ],
    [
      'numbers that are no typed array',
      { a: { shape: [1], data: [1] } },
      `the data of tensor "a" must be one of ${KINDS}, and is an Array`,
    ],
    [
      '64-bit integers',
      { a: { shape: [1], data: BigInt64Array.of(1n) } },
      `the data of tensor "a" must be one of ${KINDS}, and is a BigInt64Array`,
    ],
    [
      'clamped bytes',
      { a: { shape: [1], data: Uint8ClampedArray.of(1) } },
      `the data of tensor "a" must be one of ${KINDS}, and is a Uint8ClampedArray`,
    ],
    [
      'a transferred buffer',
      { a: { shape: [0], data: transferred() } },
      'a Float32Array has lost its buffer, which was transferred or made smaller',
    ],
    [
      'negative sizes',
      { a: { shape: [-1, -2], data: Uint8Array.of(1, 2) } },
      'the shape of tensor "a" must be a list of whole numbers from 0 on, and is [-1, -2]',
    ],
    [
      'sizes that are no numbers',
      { a: { shape: ['2'], data: Uint8Array.of(1, 2) } },
      'the shape of tensor "a" must be a list of whole numbers from 0 on, and is [a string]',
    ],
    [
      'a shape that is a typed array',
      { a: { shape: Int32Array.of(2), data: Uint8Array.of(1, 2) } },
      'the shape of tensor "a" must be a list of whole numbers from 0 on, and is an Int32Array',
    ],
    [
      'a product that overflows',
      { a: { shape: [2 ** 32, 2 ** 32, 2 ** 32], data: new Uint8Array(0) } },
      'tensor "a" has shape [4294967296, 4294967296, 4294967296] but 0 elements',
    ],
    [
      'the name of the metadata',
      { __metadata__: { shape: [0], data: new Uint8Array(0) } },
      'tensor "__metadata__" has a reserved name: use another name',
    ],
    [
      'half of a surrogate pair in a name',
      { 'a\ud800': { shape: [0], data: new Uint8Array(0) } },
      'the name of tensor "a\\ud800" has half of a surrogate pair',
    ],
  ])('does not write %s', (_, bad, message) => {
    expect(() => safetensors.encode(bad as Tensors)).toThrow(message);
  });

  it('writes what has no elements, however large the other sizes', () => {
    const empty = { a: { shape: [2 ** 53 - 1, 2 ** 53 - 1, 0], data: new Uint8Array(0) } };
    expect(safetensors.decode(safetensors.encode(empty))).toEqual(empty);
  });

  it('knows the size of a file before it is written', () => {
    fc.assert(
      fc.property(tensors, (given) => {
        expect(safetensors.sizeOf?.(given)).toBe(safetensors.encode(given).length);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('does not write a tensor whose shape is not that of its elements, nor elements without a dtype', () => {
    expect(() => safetensors.encode({ a: { shape: [2, 2], data: Float32Array.of(1, 2, 3) } })).toThrow(
      'tensor "a" has shape [2, 2] but 3 elements',
    );
    const signed = new Int8Array(1) as unknown as TensorData;
    expect(() => safetensors.encode({ a: { shape: [1], data: signed } })).toThrow(
      `the data of tensor "a" must be one of ${KINDS}, and is an Int8Array`,
    );
  });
});
