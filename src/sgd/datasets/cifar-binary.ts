import { Failure } from '../../engine/base/failure.ts';
import type { ImageShape } from './dataset.ts';

/**
 * Appends the records of a CIFAR binary file to row-major tensors. A record is one label byte and then the image plane by plane
 * (all red, all green, all blue, each row-major); the tensor has the channels of a pixel next to each other (NHWC).
 *
 * @param first the example that the file's first record becomes
 * @returns how many records the file has
 * @throws {Failure} for a file that is not whole records, and for more records than the tensors have room for
 */
export function appendCifarRecords(
  bytes: Uint8Array,
  place: string,
  { height, width, channels }: ImageShape,
  into: { readonly images: Uint8Array; readonly labels: Uint8Array },
  first: number,
): number {
  const pixels = height * width;
  const recordBytes = 1 + channels * pixels;
  const records = Math.floor(bytes.length / recordBytes);
  if (bytes.length !== records * recordBytes) {
    throw new Failure('stage', {
      fact: `${place}, byte ${records * recordBytes}: record ${records} is cut short (a record has ${recordBytes} bytes)`,
    });
  }
  if (first + records > into.labels.length) {
    throw new Failure('stage', {
      fact: `${place} has ${records} records, but only ${into.labels.length - first} are expected`,
    });
  }
  for (let record = 0; record < records; record++) {
    const start = record * recordBytes;
    into.labels[first + record] = bytes[start] as number;
    const image = (first + record) * pixels * channels;
    for (let channel = 0; channel < channels; channel++) {
      const plane = start + 1 + channel * pixels;
      let to = image + channel;
      for (let pixel = 0; pixel < pixels; pixel++, to += channels) into.images[to] = bytes[plane + pixel] as number;
    }
  }
  return records;
}
