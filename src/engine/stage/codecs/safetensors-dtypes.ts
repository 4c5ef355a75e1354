/** The kinds of arrays that a tensor may have, by their names in the format. */
export const DTYPES = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
} as const;

export type DtypeName = keyof typeof DTYPES;

export interface HeaderEntry {
  readonly dtype: DtypeName;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** How many elements a shape has; nothing if it is no list of sizes. More than can be counted is Infinity, which no array has. */
export function elementCount(shape: unknown): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  const extents: readonly unknown[] = Array.from(shape);
  if (!extents.every((extent) => Number.isSafeInteger(extent) && (extent as number) >= 0 && !Object.is(extent, -0))) {
    return undefined;
  }
  const count = extents.includes(0) ? 0 : (extents as number[]).reduce((product, extent) => product * extent, 1);
  return count <= Number.MAX_SAFE_INTEGER ? count : Number.POSITIVE_INFINITY;
}
