import type { ColumnTable } from 'arquero';
import type { Codec } from '../artefact.ts';
import { checkedColumns, type NumberType } from './checked-columns.ts';

// Loaded with the first table: these are more than a hundred modules. A stage without tables must not wait for them.
const arquero = () => import('arquero');

type Arquero = Awaited<ReturnType<typeof arquero>>;
type ColumnTypes = NonNullable<NonNullable<Parameters<Arquero['toArrowIPC']>[1]>['types']>;

interface ArrowCodec extends Codec<ColumnTable> {
  encode(table: ColumnTable): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<ColumnTable>;
}

/**
 * The types of Arrow's schema. flechette would choose the narrowest integers, whose sums overflow in pandas and NumPy.
 */
const NUMBER_TYPES: Readonly<Record<NumberType, ColumnTypes[string]>> = {
  int32: { typeId: 2, bitWidth: 32, signed: true, values: Int32Array },
  float64: { typeId: 3, precision: 2, values: Float64Array },
};

/**
 * A table as an Arrow IPC file, read and written with arquero. A column of whole numbers is int32 if all of them fit. Any other column of numbers is
 * float64. Bigints are int64.
 */
export const arrow: ArrowCodec = {
  type: 'arrow',
  async encode(value) {
    const columns = checkedColumns(value);
    const { table, toArrowIPC } = await arquero();
    const types: ColumnTypes = {};
    for (const { name, numbers } of columns) if (numbers) types[name] = NUMBER_TYPES[numbers];
    const copy = table(columns.map(({ name, values }) => [name, values] as [string, unknown[]]));
    return toArrowIPC(copy, { format: 'file', types }) as Uint8Array;
  },
  decode: async (encoded) => (await arquero()).fromArrow(encoded, { useBigInt: true }),
};
