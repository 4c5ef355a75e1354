import type { TensorData } from '../artefact.ts';
import { checkAttached } from './byte-array.ts';
import { describeValue } from './describe-value.ts';
import { loneSurrogate } from './lone-surrogate.ts';
import { plainFields } from './plain-fields.ts';
import { DTYPES, type DtypeName, elementCount } from './safetensors-dtypes.ts';

export interface NamedTensor {
  readonly name: string;
  readonly dtype: DtypeName;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** The format reserves the first; the second would set an object's prototype when it is read. */
const RESERVED = ['__metadata__', '__proto__'];

/** @throws {TypeError | RangeError} for a value that is no mapping of names to tensors, or that a file would not give back */
export function checkedTensors(value: unknown): readonly NamedTensor[] {
  return plainFields(value, () => 'the value', 'safetensors').map(([name, tensor]) => checkedTensor(name, tensor));
}

function checkedTensor(name: string, value: unknown): NamedTensor {
  const named = `tensor ${JSON.stringify(name)}`;
  if (RESERVED.includes(name)) throw new TypeError(`${named} has a reserved name: use another name`);
  if (loneSurrogate(name) !== undefined) throw new TypeError(`the name of ${named} has half of a surrogate pair`);
  const fields = new Map(plainFields(value, () => named, 'safetensors'));
  const other = [...fields.keys()].find((field) => field !== 'shape' && field !== 'data');
  if (other !== undefined)
    throw new TypeError(`${named} has a field ${JSON.stringify(other)}: use shape and data only`);
  const { shape, data } = { shape: fields.get('shape'), data: fields.get('data') };
  const dtype = dtypeOf(data);
  if (!dtype) {
    const kinds = Object.values(DTYPES).map(({ name: kind }) => kind);
    throw new TypeError(`the data of ${named} must be one of ${kinds.join(', ')}, and is ${describeValue(data)}`);
  }
  checkAttached(data as TensorData);
  const elements = elementCount(shape);
  if (elements === undefined) {
    throw new RangeError(
      `the shape of ${named} must be a list of whole numbers from 0 on, and is ${shownShape(shape)}`,
    );
  }
  const { length } = data as TensorData;
  if (elements !== length) throw new RangeError(`${named} has shape ${shownShape(shape)} but ${length} elements`);
  return { name, dtype, shape: Array.from(shape as readonly number[]), data: data as TensorData };
}

function shownShape(shape: unknown): string {
  if (!Array.isArray(shape)) return describeValue(shape);
  return `[${Array.from(shape, (extent: unknown) => (typeof extent === 'number' ? extent : describeValue(extent))).join(', ')}]`;
}

/** Uses the array's type tag, whatever its class: a Buffer is a Uint8Array. */
function dtypeOf(data: unknown): DtypeName | undefined {
  const kind: unknown = ArrayBuffer.isView(data)
    ? Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, data)
    : undefined;
  return (Object.keys(DTYPES) as DtypeName[]).find((dtype) => DTYPES[dtype].name === kind);
}
