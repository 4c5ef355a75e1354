import type { SynchronousCodec } from '../artefact.ts';
import { checkedBytes, copiedBytes } from './byte-array.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** An encoded PNG file. */
export const png: SynchronousCodec<Uint8Array> = {
  type: 'png',
  sizeOf: (value) => checkedBytes(value).byteLength,
  encode: (value) => {
    const file = copiedBytes(value);
    if (SIGNATURE.some((byte, index) => file[index] !== byte)) {
      throw new TypeError('it does not begin as a PNG file does: encode the image as PNG');
    }
    return file;
  },
  decode: (encoded) => encoded,
};
