import { type ColumnTable, fromArrow, toArrowIPC } from 'arquero';
import type { Codec } from '../artefact.ts';

/** A table as an Arrow IPC file, read and written with arquero. */
export const arrow: Codec<ColumnTable> = {
  type: 'arrow',
  encode: (table) => toArrowIPC(table, { format: 'file' }) as Uint8Array,
  decode: (encoded) => fromArrow(encoded),
};
