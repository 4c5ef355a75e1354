import { describe, expect, it } from 'vitest';
import { safetensors } from '../../../../../src/engine/stage/codecs/safetensors.ts';
import { summariseTensors } from '../../../../../src/engine/views/live/previews/tensor-summary.ts';

describe('a summary of tensors', () => {
  it('has shapes, and what the values are like', () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => index / 1000);
    const file = safetensors.encode({
      weights: { shape: [10, 100], data: values },
      odd: { shape: [4], data: Float32Array.from([1, Number.NaN, Number.POSITIVE_INFINITY, 3]) },
      same: { shape: [2], data: Int32Array.from([7, 7]) },
      none: { shape: [0], data: new Float32Array(0) },
    });
    const { tensors, count } = summariseTensors(file);
    expect(count).toBe(4);
    const byName = Object.fromEntries(tensors.map((each) => [each.name, each]));
    expect(byName.weights).toMatchObject({ dtype: 'F32', shape: [10, 100], min: 0, notFinite: 0, isSampled: false });
    expect(byName.weights?.max).toBeCloseTo(0.999);
    expect(byName.weights?.mean).toBeCloseTo(0.4995, 4);
    expect(byName.weights?.histogram).toHaveLength(40);
    expect(byName.weights?.histogram.every((each) => each === 25)).toBe(true);
    expect(byName.odd).toMatchObject({ min: 1, max: 3, mean: 2, notFinite: 2 });
    expect(byName.same).toMatchObject({ min: 7, max: 7, mean: 7 });
    expect(byName.same?.histogram.reduce((sum, each) => sum + each, 0)).toBe(2);
    expect(byName.none).toMatchObject({ min: null, max: null, mean: null, histogram: [] });
  });

  it('has the shapes alone of tensors beyond the part that was read', () => {
    const file = safetensors.encode({
      a: { shape: [8], data: new Float32Array(8) },
      b: { shape: [1000], data: new Float32Array(1000) },
    });
    const { tensors } = summariseTensors(file.slice(0, file.length - 100));
    expect(tensors.map(({ name, shape, min, isSampled }) => ({ name, shape, min, isSampled }))).toEqual([
      { name: 'a', shape: [8], min: 0, isSampled: false },
      { name: 'b', shape: [1000], min: null, isSampled: true },
    ]);
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['a header of a terabyte', new Uint8Array(new BigUint64Array([2n ** 40n, 0n]).buffer)],
    ['a header that is no JSON', new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b, 0x7b])],
    ['a header that is no mapping', new Uint8Array([4, 0, 0, 0, 0, 0, 0, 0, 0x6e, 0x75, 0x6c, 0x6c])],
  ])('refuses %s', (_, file) => {
    expect(() => summariseTensors(file)).toThrow(RangeError);
  });

  it.each([
    { dtype: 'F32', shape: [1], data_offsets: [0, 1e15] },
    { dtype: 'F32', shape: [1], data_offsets: [-8, 4] },
    { dtype: 'F32', shape: [1e9, 1e9], data_offsets: [0, 4] },
    { dtype: 'BF16', shape: [2], data_offsets: [0, 4] },
    { dtype: 'constructor', shape: [2], data_offsets: [0, 4] },
    { dtype: 'F32', shape: 'x', data_offsets: [0, 4] },
  ])('reads nothing beyond the file: %j', (entry) => {
    const header = Buffer.from(JSON.stringify({ t: entry }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const { tensors } = summariseTensors(Uint8Array.from(Buffer.concat([length, header, Buffer.alloc(4)])));
    for (const tensor of tensors) expect(tensor.histogram.length).toBeLessThanOrEqual(40);
  });
});
