import type { SynchronousCodec } from '../artefact.ts';
import { checkedBytes, copiedBytes } from './byte-array.ts';

/** Raw bytes, unchanged. */
export const bytes: SynchronousCodec<Uint8Array> = {
  type: 'bytes',
  sizeOf: (value) => checkedBytes(value).byteLength,
  encode: copiedBytes,
  decode: (encoded) => encoded,
};
