import type { Codec } from '../artefact.ts';

/** An encoded PNG file. */
export const png: Codec<Uint8Array> = {
  type: 'png',
  encode: (value) => value,
  decode: (encoded) => encoded,
};
