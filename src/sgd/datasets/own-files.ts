import { Failure } from '../../engine/base/failure.ts';
import { safetensors } from '../../engine/stage/codecs/safetensors.ts';
import { appendCifarRecords } from './cifar-binary.ts';
import type { ImageShape } from './dataset.ts';
import { parseIdx } from './idx.ts';
import type { LabelledImages } from './labelled-images.ts';
import { parseNpy } from './npy.ts';

/** How the files of a split hold its images and labels. */
export const FORMATS = ['idx', 'cifar-binary', 'safetensors', 'npy'] as const;

export type Format = (typeof FORMATS)[number];

export interface OwnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the images of all files have to be. */
export interface Expected {
  readonly image: ImageShape;
  readonly classes: number;
}

interface NamedArray {
  readonly place: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * Turns the files of a split, in any of the formats, into tensors that own their buffers.
 *
 * @param files in the order of their records
 * @throws {Failure} that names the file, what is wrong with it, and what to do
 */
export function readOwnFiles(format: Format, files: readonly OwnFile[], expected: Expected): LabelledImages {
  const found = format === 'cifar-binary' ? recordsOf(files, expected) : arraysOf(format, files, expected);
  if (found.labels.data.length > 0) return found;
  const names = files.map(({ name }) => name).join(', ') || 'no file';
  throw new Failure('stage', {
    fact: `${names}: there are no images`,
    fix: 'let the source name files that have some',
  });
}

function arraysOf(
  format: Exclude<Format, 'cifar-binary'>,
  files: readonly OwnFile[],
  expected: Expected,
): LabelledImages {
  const { images, labels } = format === 'safetensors' ? namedTensors(files) : pairOf(format, files);
  return labelledImages(images, labels, expected);
}

/** Two files, in any order: labels have one dimension, and images have more. */
function pairOf(format: 'idx' | 'npy', files: readonly OwnFile[]): Record<'images' | 'labels', NamedArray> {
  const parse = format === 'idx' ? parseIdx : parseNpy;
  const arrays = files.map(({ name, bytes }) => ({ place: name, ...parse(bytes, name) }));
  const labels = arrays.filter(({ shape }) => shape.length === 1);
  const images = arrays.filter(({ shape }) => shape.length > 1);
  const [[onlyImages, ...moreImages], [onlyLabels, ...moreLabels]] = [images, labels];
  if (!onlyImages || !onlyLabels || moreImages.length > 0 || moreLabels.length > 0) {
    const found = arrays.map(({ place, shape }) => `${place} (${shape.join(' × ')})`).join(', ');
    throw new Failure('stage', {
      fact: `a split of format ${format} is a file of images and a file of labels, found: ${found || 'none'}`,
      fix: 'let the source name these two files',
    });
  }
  return { images: onlyImages, labels: onlyLabels };
}

function namedTensors(files: readonly OwnFile[]): Record<'images' | 'labels', NamedArray> {
  const [file, ...more] = files;
  if (!file || more.length > 0) {
    const found = files.map(({ name }) => name).join(', ') || 'none';
    const fact = `a split of format safetensors is one file, found: ${found}`;
    throw new Failure('stage', { fact, fix: 'let the source name one file' });
  }
  const tensors = decoded(file);
  const tensorOf = (name: 'images' | 'labels') => {
    const tensor = tensors[name];
    if (tensor) return { place: `${file.name}, tensor "${name}"`, ...tensor };
    const found = Object.keys(tensors).join(', ') || 'none';
    throw new Failure('stage', {
      fact: `${file.name} has no tensor "${name}"; found: ${found}`,
      fix: 'save the tensors as "images" and "labels"',
    });
  };
  return { images: tensorOf('images'), labels: tensorOf('labels') };
}

function decoded({ name, bytes }: OwnFile) {
  try {
    return safetensors.decode(bytes);
  } catch (error) {
    const fact = `${name}: ${error instanceof Error ? error.message : error}`;
    const fix = 'write it again, images as uint8 and labels as uint8 or int32';
    throw new Failure('stage', { fact, fix }, { cause: error });
  }
}

function recordsOf(files: readonly OwnFile[], { image, classes }: Expected): LabelledImages {
  const { height, width, channels } = image;
  const recordBytes = 1 + height * width * channels;
  const room = files.reduce((sum, { bytes }) => sum + Math.floor(bytes.length / recordBytes), 0);
  const images = new Uint8Array(room * (recordBytes - 1));
  const labels = new Uint8Array(room);
  let examples = 0;
  for (const { name, bytes } of files) {
    if (bytes.length % recordBytes !== 0) {
      const whole = Math.floor(bytes.length / recordBytes);
      throw new Failure('stage', {
        fact: `${name}, byte ${whole * recordBytes}: record ${whole} is cut short (a record has ${recordBytes} bytes: a label, then the image)`,
        fix: 'correct the param "image", or get the file again',
      });
    }
    const records = appendCifarRecords(bytes, name, image, { images, labels }, examples);
    checkLabels(labels.subarray(examples, examples + records), classes, name);
    examples += records;
  }
  return {
    images: { shape: [examples, height, width, channels], data: images },
    labels: { shape: [examples], data: labels },
  };
}

function labelledImages(images: NamedArray, labels: NamedArray, { image, classes }: Expected): LabelledImages {
  const { height, width, channels } = image;
  const [examples = 0, ...extents] = images.shape;
  const wanted = [height, width, channels];
  // Images of one channel may have no dimension for it.
  const isImage = [wanted, ...(channels === 1 ? [[height, width]] : [])].some((each) => each.join() === extents.join());
  if (!isImage) {
    throw new Failure('stage', {
      fact: `${images.place}: images of ${extents.join(' × ')}, and the param "image" says ${wanted.join(' × ')} (height, width, channels)`,
      fix: 'correct the param, or write the images with the channels last',
    });
  }
  if (!(images.data instanceof Uint8Array)) {
    throw new Failure('stage', {
      fact: `${images.place}: pixels are no unsigned bytes`,
      fix: 'write them as uint8, 0 to 255',
    });
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== examples) {
    throw new Failure('stage', {
      fact: `${labels.place} has labels of shape ${labels.shape.join(' × ')}, and ${images.place} has ${examples} images`,
      fix: 'give each image one label',
    });
  }
  checkLabels(labels.data, classes, labels.place);
  return {
    images: { shape: [examples, ...wanted], data: images.data },
    labels: { shape: [examples], data: Uint8Array.from(labels.data) },
  };
}

/** @throws {Failure} for a label that no class has */
function checkLabels(labels: ArrayLike<number>, classes: number, place: string): void {
  for (let example = 0; example < labels.length; example++) {
    const label = labels[example] as number;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new Failure('stage', {
      fact: `${place}, example ${example}: label ${label}, expected 0 to ${classes - 1}`,
      fix: 'correct the param "classes", or number the labels from 0',
    });
  }
}
