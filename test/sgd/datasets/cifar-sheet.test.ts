import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { cifarFileOfSheet } from '../../../src/sgd/datasets/cifar-sheet.ts';
import { cifarFile, pngSheet } from './tiny-datasets.ts';

const image = { height: 2, width: 2, channels: 3 };

describe('cifarFileOfSheet', () => {
  it('gives the bytes of the file that the sheet was made from', () => {
    const file = cifarFileOfSheet(pngSheet(image, 5, 3), [7, 0, 9, 4, 4], { image }, 'sheet.png');
    expect(Buffer.from(file)).toEqual(cifarFile(image, 5, [7, 0, 9]));
  });

  it('refuses what is no sheet of such images', () => {
    const grey = encode({ width: 4, height: 1, channels: 1, depth: 8, data: new Uint8Array(4) });
    expect(() => cifarFileOfSheet(grey, [1], { image }, 'sheet.png')).toThrow(
      'sheet.png is 4 pixels wide with 1 × 8 bits, expected 4 with 3 × 8',
    );
    expect(() => cifarFileOfSheet(pngSheet(image, 0, 3), [1, 2], { image }, 'sheet.png')).toThrow(
      'sheet.png has 3 images, but there are 2 labels',
    );
    const cut = pngSheet(image, 0, 3).subarray(0, 50);
    expect(() => cifarFileOfSheet(cut, [1, 2, 3], { image }, 'sheet.png')).toThrow('sheet.png is no valid PNG');
  });
});
