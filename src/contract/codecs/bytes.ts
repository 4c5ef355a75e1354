import type { SynchronousCodec } from '../artefact.ts';

/** Raw bytes, kept as they are. */
export const bytes: SynchronousCodec<Uint8Array> = {
  type: 'bytes',
  // A copy (which `slice` of a Buffer is not): the stage may use its array again before this one is on the disk.
  encode: (value) => new Uint8Array(value),
  decode: (encoded) => encoded,
};
