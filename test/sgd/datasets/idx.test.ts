import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../../src/sgd/datasets/idx.ts';
import { idxFile } from './tiny-datasets.ts';

describe('parseIdx', () => {
  it('reads back any array of bytes', () => {
    const arrays = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const elements = shape.reduce((product, extent) => product * extent, 1);
      return fc.tuple(fc.constant(shape), fc.uint8Array({ minLength: elements, maxLength: elements }));
    });
    fc.assert(
      fc.property(arrays, ([shape, elements]) => {
        const parsed = parseIdx(idxFile(shape, elements), 'file');
        expect(parsed.shape).toEqual(shape);
        expect([...parsed.data]).toEqual([...elements]);
      }),
    );
  });

  it('copies the elements, also out of the middle of a buffer', () => {
    const file = Buffer.concat([Buffer.from('xyz'), idxFile([2], Uint8Array.of(5, 6))]).subarray(3);
    const { data } = parseIdx(file, 'file');
    expect([...data]).toEqual([5, 6]);
    expect(data.buffer.byteLength).toBe(2);
  });

  const good = idxFile([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
  it.each([
    ['an empty file', Buffer.alloc(0), 'labels, byte 0: the header is cut short'],
    [
      'another magic number',
      Buffer.from([0x89, 0x50, 0x4e, 0x47]),
      'byte 0: an IDX file begins with two zero bytes, not 8950',
    ],
    ['floats', Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]), 'byte 2: element type 0xd, expected 0x8 (unsigned bytes)'],
    ['half a header', good.subarray(0, 9), 'byte 9: the extents of 2 dimensions are cut short'],
    ['missing elements', good.subarray(0, 17), 'byte 12: 5 elements follow, but the extents are 2 × 3'],
    ['spare elements', Buffer.concat([good, Buffer.of(7)]), 'byte 12: 7 elements follow, but the extents are 2 × 3'],
  ])('refuses %s and says where', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'labels')).toThrow(message);
  });
});
