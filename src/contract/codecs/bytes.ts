import type { Codec } from '../artefact.ts';

/** Raw bytes, kept as they are. */
export const bytes: Codec<Uint8Array> = {
  type: 'bytes',
  encode: (value) => value,
  decode: (encoded) => encoded,
};
