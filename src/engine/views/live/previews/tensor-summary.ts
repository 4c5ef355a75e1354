import { DTYPES, type DtypeName, elementCount } from '../../../stage/codecs/safetensors-dtypes.ts';
import type { TensorSummary } from '../protocol.ts';

const BINS = 40;
const TENSORS_SHOWN = 200;
const LARGEST_HEADER = 16 * 1024 * 1024;

/** Of one tensor and of all of them, so many values are looked at. */
const MOST_VALUES = 1_000_000;
const MOST_VALUES_OF_ALL = 8_000_000;

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Tensors with their shapes, and what their values are like. */
export interface TensorSummaries {
  readonly tensors: readonly TensorSummary[];
  readonly count: number;
}

/**
 * Reads a safetensors file, or its beginning: tensors that end after that have a shape only.
 * @throws {RangeError} for bytes that are none
 */
export function summariseTensors(file: Uint8Array): TensorSummaries {
  const { entries, body } = header(file);
  const shown = entries.slice(0, TENSORS_SHOWN);
  let left = MOST_VALUES_OF_ALL;
  const tensors = shown.map((entry) => {
    const values = valuesOf(file, body, entry);
    const most = Math.min(MOST_VALUES, left);
    if (!values || most === 0) return { ...shapeOf(entry), ...NOTHING, isSampled: true };
    left -= Math.min(values.length, most);
    return { ...shapeOf(entry), ...summarise(values, most) };
  });
  return { tensors, count: entries.length };
}

const NOTHING = { min: null, max: null, mean: null, notFinite: 0, histogram: [] };

function header(file: Uint8Array): { readonly entries: readonly Entry[]; readonly body: number } {
  if (file.length < 8) throw new RangeError('it is no safetensors file');
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > LARGEST_HEADER || 8 + length > file.length)
    throw new RangeError('the header of the safetensors file is too long');
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length)));
  } catch {
    throw new RangeError('the header of the safetensors file is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw new RangeError('the header of the safetensors file is no mapping');
  const entries = Object.entries(parsed).flatMap(([name, value]) =>
    name === '__metadata__' ? [] : (entryOf(name, value) ?? []),
  );
  return { entries, body: 8 + length };
}

function entryOf(name: string, value: unknown): Entry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || elementCount(shape) === undefined || !Array.isArray(offsets)) return undefined;
  const [begin, end] = offsets as readonly unknown[];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || Number(begin) < 0 || Number(end) < Number(begin))
    return undefined;
  return { name, dtype, shape: shape as readonly number[], begin: Number(begin), end: Number(end) };
}

function shapeOf({ name, dtype, shape }: Entry): Pick<TensorSummary, 'name' | 'dtype' | 'shape'> {
  return { name, dtype, shape };
}

type Values = InstanceType<(typeof DTYPES)[DtypeName]>;

function valuesOf(file: Uint8Array, body: number, { dtype, begin, end }: Entry): Values | undefined {
  if (!Object.hasOwn(DTYPES, dtype) || body + end > file.length) return undefined;
  const kind = DTYPES[dtype as DtypeName];
  const bytes = file.slice(body + begin, body + end);
  return bytes.length % kind.BYTES_PER_ELEMENT === 0
    ? new kind(bytes.buffer, 0, bytes.length / kind.BYTES_PER_ELEMENT)
    : undefined;
}

function summarise(values: Values, most: number): Omit<TensorSummary, 'name' | 'dtype' | 'shape'> {
  const stride = Math.max(1, Math.ceil(values.length / most));
  let [min, max, sum, finite, notFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let at = 0; at < values.length; at += stride) {
    const value = values[at] as number;
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    finite++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (finite === 0) return { ...NOTHING, notFinite, isSampled: stride > 1 };
  const histogram: number[] = new Array(BINS).fill(0);
  const width = (max - min) / BINS;
  for (let at = 0; at < values.length; at += stride) {
    const value = values[at] as number;
    if (!Number.isFinite(value)) continue;
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor((value - min) / width)) : 0;
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  return { min, max, mean: sum / finite, notFinite, histogram, isSampled: stride > 1 };
}
