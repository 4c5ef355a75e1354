import type { SynchronousCodec } from '../artefact.ts';

/** An encoded PNG file. */
export const png: SynchronousCodec<Uint8Array> = {
  type: 'png',
  // A copy (which `slice` of a Buffer is not): the stage may use its array again before this one is on the disk.
  encode: (value) => new Uint8Array(value),
  decode: (encoded) => encoded,
};
