import type { Codec } from '../artefact.ts';

/** Raw bytes, kept as they are. */
export const bytes: Codec<Uint8Array> = {
  type: 'bytes',
  // A copy: the stage may use its array again before this one is on the disk.
  encode: (value) => value.slice(),
  decode: (encoded) => encoded,
};
