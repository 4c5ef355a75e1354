import type { Dataset } from '../training/dataset.ts';

/**
 * Examples that are processed together, and the pixels that are above 0 in at least one of them. A pixel that is 0 throughout
 * adds nothing to any product with the group's pixels, so such products leave it out.
 */
export interface ExampleGroup {
  readonly examples: Uint32Array;
  /** Positions inside an image, ascending. */
  readonly pixels: Uint32Array;
}

/**
 * Groups examples whose images occupy about the same columns, and so share many empty pixels: groups of a thousand leave out
 * half of MNIST's.
 *
 * @param examples different indices into the dataset
 * @param size of the groups, at most. Their sizes differ by no more than one: other products would compute a small last group
 */
export function groupExamples(dataset: Dataset, examples: Uint32Array, size: number): readonly ExampleGroup[] {
  const [, width = 1] = dataset.imageShape;
  // An example's columns and the example in one number: numbers are sorted faster than with a comparison function.
  const keys = Float64Array.from(examples, (example) => {
    const { left, right } = occupiedColumns(dataset, example);
    return (left * (width + 1) + right) * dataset.examples + example;
  }).sort();
  const ordered = Uint32Array.from(keys, (key) => key % dataset.examples);
  const groups = Math.ceil(ordered.length / size);
  const start = (group: number) => Math.floor((group * ordered.length) / groups);
  return Array.from({ length: groups }, (_, group) => {
    const members = ordered.subarray(start(group), start(group + 1));
    return { examples: members, pixels: occupiedPixels(dataset, members) };
  });
}

/** The first column of an image that is not empty, and the one after the last. */
function occupiedColumns({ imageShape, pixels }: Dataset, example: number): { left: number; right: number } {
  const [height = 1, width = 1, channels = 1] = imageShape;
  const rowSize = width * channels;
  const start = example * height * rowSize;
  const end = start + height * rowSize;
  const isEmpty = (column: number): boolean => {
    for (let at = start + column * channels; at < end; at += rowSize) {
      for (let channel = 0; channel < channels; channel++) if (pixels[at + channel] !== 0) return false;
    }
    return true;
  };
  let left = 0;
  while (left < width && isEmpty(left)) left++;
  let right = width;
  while (right > left && isEmpty(right - 1)) right--;
  return { left, right };
}

function occupiedPixels({ pixels, examples: count }: Dataset, examples: Uint32Array): Uint32Array {
  const size = pixels.length / count;
  const occupied = new Uint8Array(size);
  // Four pixels at a time where images begin at whole words.
  const isWhole = size % 4 === 0 && pixels.byteOffset % 4 === 0;
  const source = isWhole ? new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4) : pixels;
  const target = isWhole ? new Uint32Array(occupied.buffer) : occupied;
  for (const example of examples) {
    const start = example * target.length;
    for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) | (source[start + i] as number);
  }
  const positions: number[] = [];
  for (let i = 0; i < size; i++) if (occupied[i] !== 0) positions.push(i);
  // Backends do not multiply matrices without columns.
  return Uint32Array.from(positions.length > 0 ? positions : [0]);
}
