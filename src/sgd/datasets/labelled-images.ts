import { Failure } from '../../engine/base/failure.ts';
import { appendCifarRecords } from './cifar-binary.ts';
import type { CanonicalFile, Dataset, Split } from './dataset.ts';
import { parseIdx } from './idx.ts';

/** A split as tensors: `images` [n, height, width, channels] row-major, 0 … 255, and `labels` [n], 0 … classes − 1. */
export type LabelledImages = {
  readonly images: ByteTensor;
  readonly labels: ByteTensor;
};

export interface ByteTensor {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Content of the canonical files by name, verified. */
export type CanonicalContent = ReadonlyMap<string, Uint8Array>;

/**
 * Turns a split's files into tensors that own their buffers.
 *
 * @throws {Failure} that names file and place, if a file does not match the split
 */
export function readSplit(
  split: Split,
  { image, classes }: Pick<Dataset, 'image' | 'classes'>,
  content: CanonicalContent,
): LabelledImages {
  const { height, width, channels } = image;
  const shape = [split.examples, height, width, channels];
  if (split.format === 'idx') {
    const images = parseIdx(contentOf(content, split.images), split.images.name);
    const labels = parseIdx(contentOf(content, split.labels), split.labels.name);
    // Images of one channel have no channel dimension in the file.
    checkShape(images.shape, channels === 1 ? shape.slice(0, 3) : shape, split.images.name);
    checkShape(labels.shape, [split.examples], split.labels.name);
    checkLabels(labels.data, classes, split.labels.name);
    return { images: { shape, data: images.data }, labels };
  }
  const images = new Uint8Array(split.examples * height * width * channels);
  const labels = new Uint8Array(split.examples);
  let examples = 0;
  for (const file of split.files) {
    const records = appendCifarRecords(contentOf(content, file), file.name, image, { images, labels }, examples);
    checkLabels(labels.subarray(examples, examples + records), classes, file.name);
    examples += records;
  }
  if (examples !== split.examples) {
    const names = split.files.map(({ name }) => name).join(', ');
    throw new Failure('stage', { fact: `${names}: ${examples} records, expected ${split.examples}` });
  }
  return { images: { shape, data: images }, labels: { shape: [examples], data: labels } };
}

function contentOf(content: CanonicalContent, { name }: CanonicalFile): Uint8Array {
  const bytes = content.get(name);
  if (!bytes) throw new Failure('stage', { fact: `${name} is missing` });
  return bytes;
}

function checkShape(actual: readonly number[], expected: readonly number[], name: string): void {
  if (actual.length === expected.length && actual.every((extent, dimension) => extent === expected[dimension])) return;
  throw new Failure('stage', { fact: `${name}: extents ${actual.join(' × ')}, expected ${expected.join(' × ')}` });
}

function checkLabels(labels: Uint8Array, classes: number, name: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new Failure('stage', {
      fact: `${name}, example ${wrong}: label ${labels[wrong]}, expected 0 to ${classes - 1}`,
    });
  }
}
