import { describe, expect, it } from 'vitest';
import { datasetOf } from '../../../src/sgd/training/dataset.ts';
import { consecutive, MinibatchGatherer, minibatchesOf } from '../../../src/sgd/training/minibatch.ts';
import { BACKENDS, tensorFlow } from '../support/fixtures.ts';

const tensors = {
  images: { shape: [4, 1, 3, 1], data: Uint8Array.of(0, 1, 2, 50, 51, 52, 100, 101, 102, 253, 254, 255) },
  labels: { shape: [4], data: Uint8Array.of(1, 0, 2, 1) },
};

describe.each(BACKENDS)('gathering on %s', (backend) => {
  it('scales pixels to [0, 1] in float32 and spreads labels', async () => {
    const tf = await tensorFlow(backend);
    const gatherer = new MinibatchGatherer(tf, datasetOf(tensors, null), 3, 3);
    const read = (indices: number[]) =>
      gatherer.with(Uint32Array.from(indices), ({ size, images, oneHotLabels, labels }) => ({
        size,
        shape: images.shape,
        pixels: images.dataSync<'float32'>().slice(),
        oneHot: oneHotLabels.arraySync(),
        labels: [...labels],
      }));
    expect(read([3, 0, 2])).toEqual({
      size: 3,
      shape: [3, 1, 3, 1],
      pixels: Float32Array.from([253, 254, 255, 0, 1, 2, 100, 101, 102], (byte) => byte / 255),
      oneHot: [
        [0, 1, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      labels: [1, 1, 2],
    });
    // A shorter one, through the same arrays: nothing of the one before may show.
    expect(read([1])).toEqual({
      size: 1,
      shape: [1, 1, 3, 1],
      pixels: Float32Array.from([50, 51, 52], (byte) => byte / 255),
      oneHot: [[1, 0, 0]],
      labels: [0],
    });
  });

  it('scales every byte to the float32 nearest to its fraction', async () => {
    const tf = await tensorFlow(backend);
    const images = { shape: [2, 16, 16, 1], data: Uint8Array.from({ length: 512 }, (_, i) => i % 256) };
    const dataset = datasetOf({ images, labels: { shape: [2], data: Uint8Array.of(0, 1) } }, null);
    const pixels = new MinibatchGatherer(tf, dataset, 2, 1).with(Uint32Array.of(1), (minibatch) =>
      minibatch.images.dataSync<'float32'>().slice(),
    );
    expect(pixels).toEqual(Float32Array.from({ length: 256 }, (_, byte) => byte / 255));
  });

  it('disposes the minibatch even when its use fails', async () => {
    const tf = await tensorFlow(backend);
    const gatherer = new MinibatchGatherer(tf, datasetOf(tensors, null), 3, 2);
    const before = tf.memory().numTensors;
    expect(() =>
      gatherer.with(Uint32Array.of(0), () => {
        throw new Error('in use');
      }),
    ).toThrow('in use');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses labels beyond the classes', async () => {
    const tf = await tensorFlow(backend);
    expect(() => new MinibatchGatherer(tf, datasetOf(tensors, null), 2, 2)).toThrow(/label 2[\s\S]*at least 3/);
  });
});

describe('minibatches of an order', () => {
  it('are cut in order, with or without the short last one', () => {
    const cut = (dropLast: boolean) => minibatchesOf(consecutive(7), 3, dropLast).map((indices) => [...indices]);
    expect(cut(false)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(cut(true)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });
});

describe('a dataset', () => {
  it('can be cut to its first examples', () => {
    const { examples, pixels, labels, imageShape } = datasetOf(tensors, 2);
    expect({ examples, imageShape, pixels: [...pixels], labels: [...labels] }).toEqual({
      examples: 2,
      imageShape: [1, 3, 1],
      pixels: [0, 1, 2, 50, 51, 52],
      labels: [1, 0],
    });
  });

  it('says what is wrong when it is none, or is too small', () => {
    expect(() => datasetOf(tensors, 5)).toThrow(/4 examples, fewer than the 5/);
    expect(() => datasetOf({ images: tensors.images }, null)).toThrow(/"labels"/);
    const floats = { ...tensors, images: { shape: [4, 3], data: new Float32Array(12) } };
    expect(() => datasetOf(floats, null)).toThrow(/uint8 "images"/);
  });
});
