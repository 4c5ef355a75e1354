import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorData, Tensors } from '../../../src/contract/artefact.ts';
import { safetensors } from '../../../src/contract/codecs/safetensors.ts';

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

  it('gives tensors with buffers of their own', () => {
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
  ])('refuses %s', (_, dtype, shape, offsets, message) => {
    const file = layOut(JSON.stringify({ a: { dtype, shape, data_offsets: offsets } }), [0, 0, 0, 0]);
    expect(() => safetensors.decode(file)).toThrow(new RangeError(message));
  });

  it('does not write a tensor whose shape is not that of its elements, nor elements without a dtype', () => {
    expect(() => safetensors.encode({ a: { shape: [2, 2], data: Float32Array.of(1, 2, 3) } })).toThrow(
      'tensor "a" has shape [2, 2] but 3 elements',
    );
    const signed = new Int8Array(1) as unknown as TensorData;
    expect(() => safetensors.encode({ a: { shape: [1], data: signed } })).toThrow(
      'tensor "a" holds a Int8Array, which safetensors cannot store',
    );
  });
});
