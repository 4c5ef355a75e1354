import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupExamples } from '../../../src/sgd/gradients/example-groups.ts';
import type { Dataset } from '../../../src/sgd/training/dataset.ts';

/** Images of 2 × 3 pixels of one channel. */
function datasetOfImages(images: readonly (readonly number[])[]): Dataset {
  return {
    examples: images.length,
    imageShape: [2, 3, 1],
    pixels: Uint8Array.from(images.flat()),
    labels: new Uint8Array(images.length),
  };
}

describe('groups of examples', () => {
  it('hold examples that occupy the same columns, and the pixels that one of them has', () => {
    const dataset = datasetOfImages([
      [0, 0, 9, 0, 0, 0],
      [5, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 8],
      [0, 0, 0, 7, 0, 0],
    ]);
    const groups = groupExamples(dataset, Uint32Array.of(0, 1, 2, 3), 2);
    expect(groups).toEqual([
      { examples: Uint32Array.of(1, 3), pixels: Uint32Array.of(0, 3) },
      { examples: Uint32Array.of(0, 2), pixels: Uint32Array.of(2, 5) },
    ]);
  });

  it('has a pixel even where all images are black', () => {
    const [group] = groupExamples(datasetOfImages([[0, 0, 0, 0, 0, 0]]), Uint32Array.of(0), 4);
    expect(group?.pixels).toEqual(Uint32Array.of(0));
  });

  it('has every example once, and leaves out only pixels that are 0 in all of the group', () => {
    const image = fc.array(fc.constantFrom(0, 0, 0, 200), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (images, size) => {
        const dataset = datasetOfImages(images);
        const groups = groupExamples(dataset, Uint32Array.from(images.keys()), size);
        expect(groups.flatMap(({ examples }) => [...examples]).sort((a, b) => a - b)).toEqual([...images.keys()]);
        for (const group of groups) {
          expect(group.examples.length).toBeLessThanOrEqual(size);
          expect(group.examples.length).toBeGreaterThanOrEqual(Math.floor(images.length / groups.length));
          const occupied = new Set(
            [...group.examples].flatMap((example) =>
              [...(images[example] as number[]).keys()].filter((pixel) => images[example]?.[pixel] !== 0),
            ),
          );
          for (const pixel of occupied) expect(group.pixels).toContain(pixel);
        }
      }),
    );
  });
});
