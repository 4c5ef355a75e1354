import { describe, expect, it } from 'vitest';
import type { Split } from '../../../src/sgd/datasets/dataset.ts';
import { readSplit } from '../../../src/sgd/datasets/labelled-images.ts';
import { cifarFile, idxFile, pinned, pixelsNhwc, tinyCifar, tinyIdx } from './tiny-datasets.ts';

describe('readSplit', () => {
  it('reads IDX files as [n, height, width, 1]', () => {
    const { dataset, content } = tinyIdx();
    expect(readSplit(dataset.train, dataset, content)).toEqual({
      images: { shape: [3, 2, 3, 1], data: pixelsNhwc(dataset.image, 0, 3) },
      labels: { shape: [3], data: Uint8Array.of(4, 0, 9) },
    });
    expect(readSplit(dataset.test, dataset, content).images.data).toEqual(pixelsNhwc(dataset.image, 3, 2));
  });

  it('turns the planes of CIFAR records into NHWC, file after file', async () => {
    const { dataset, content } = await tinyCifar();
    expect(readSplit(dataset.train, dataset, content)).toEqual({
      images: { shape: [4, 2, 2, 3], data: pixelsNhwc(dataset.image, 0, 4) },
      labels: { shape: [4], data: Uint8Array.of(6, 9, 1, 2) },
    });
  });

  it('says which IDX file has other extents, or a label out of range', () => {
    const { dataset, content } = tinyIdx();
    const transposed = new Map(content).set('train-images', idxFile([3, 3, 2], new Uint8Array(18)));
    expect(() => readSplit(dataset.train, dataset, transposed)).toThrow(
      'train-images: extents 3 × 3 × 2, expected 3 × 2 × 3',
    );
    const fewer = new Map(content).set('train-labels', idxFile([2], Uint8Array.of(1, 2)));
    expect(() => readSplit(dataset.train, dataset, fewer)).toThrow('train-labels: extents 2, expected 3');
    const outOfRange = new Map(content).set('train-labels', idxFile([3], Uint8Array.of(1, 2, 10)));
    expect(() => readSplit(dataset.train, dataset, outOfRange)).toThrow(
      'train-labels, example 2: label 10, expected 0 to 9',
    );
    expect(() => readSplit(dataset.train, dataset, new Map())).toThrow('train-images is missing');
  });

  it('says which CIFAR file is not whole records, has too many or too few, or a label out of range', () => {
    const image = { height: 2, width: 2, channels: 3 };
    const read = (bytes: Buffer) => {
      const split: Split = { format: 'cifar-binary', examples: 2, files: [pinned('batch.bin', bytes)] };
      return readSplit(split, { image, classes: 10 }, new Map([['batch.bin', bytes]]));
    };
    const good = cifarFile(image, 0, [1, 2]);
    expect(() => read(good.subarray(0, 20))).toThrow(
      'batch.bin, byte 13: record 1 is cut short (a record has 13 bytes)',
    );
    expect(() => read(cifarFile(image, 0, [1, 2, 3]))).toThrow('batch.bin has 3 records, but only 2 are expected');
    expect(() => read(cifarFile(image, 0, [1]))).toThrow('batch.bin: 1 records, expected 2');
    expect(() => read(cifarFile(image, 0, [1, 200]))).toThrow('batch.bin, example 1: label 200, expected 0 to 9');
    expect([...read(good).labels.data]).toEqual([1, 2]);
  });
});
