import { decode } from 'fast-png';
import { Failure } from '../../engine/base/failure.ts';
import type { Dataset } from './dataset.ts';

/**
 * Turns a sheet of images into the CIFAR binary file that it was made from.
 *
 * @param png one image a row, [images, height · width, channels], 8 bits.
 * @param labels at least as many as there are rows; further ones are ignored
 * @returns records of one label byte and then the image, plane by plane.
 * @throws {Failure} for a PNG of another kind or width, and for too few labels.
 */
export function cifarFileOfSheet(
  png: Uint8Array,
  labels: readonly number[],
  { image }: Pick<Dataset, 'image'>,
  place: string,
): Uint8Array {
  const pixels = image.height * image.width;
  const { width, height: images, channels, depth, data } = decodePng(png, place);
  if (width !== pixels || channels !== image.channels || depth !== 8) {
    throw new Failure('environment', {
      fact: `${place} is ${width} pixels wide with ${channels} × ${depth} bits, expected ${pixels} with ${image.channels} × 8`,
    });
  }
  if (labels.length < images) {
    throw new Failure('environment', { fact: `${place} has ${images} images, but there are ${labels.length} labels` });
  }
  const recordBytes = 1 + channels * pixels;
  const file = new Uint8Array(images * recordBytes);
  for (let row = 0; row < images; row++) {
    const record = row * recordBytes;
    file[record] = labels[row] as number;
    for (let channel = 0; channel < channels; channel++) {
      const plane = record + 1 + channel * pixels;
      let from = row * pixels * channels + channel;
      for (let pixel = 0; pixel < pixels; pixel++, from += channels) file[plane + pixel] = data[from] as number;
    }
  }
  return file;
}

function decodePng(png: Uint8Array, place: string) {
  try {
    return decode(png);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new Failure('environment', { fact: `${place} is no valid PNG: ${fault}` }, { cause: error });
  }
}
