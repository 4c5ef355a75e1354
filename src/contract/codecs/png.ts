import type { Codec } from '../artefact.ts';

/** An encoded PNG file. */
export const png: Codec<Uint8Array> = {
  type: 'png',
  // A copy: the stage may use its array again before this one is on the disk.
  encode: (value) => value.slice(),
  decode: (encoded) => encoded,
};
