import type { ColumnTable } from 'arquero';
import type { Codec } from '../artefact.ts';

// Loaded when the first table comes: a hundred and more modules, which a stage without tables would wait for at every start of a worker.
const arquero = () => import('arquero');

interface ArrowCodec extends Codec<ColumnTable> {
  encode(table: ColumnTable): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<ColumnTable>;
}

/** A table as an Arrow IPC file, read and written with arquero. */
export const arrow: ArrowCodec = {
  type: 'arrow',
  encode: async (table) => (await arquero()).toArrowIPC(table, { format: 'file' }) as Uint8Array,
  decode: async (encoded) => (await arquero()).fromArrow(encoded),
};
