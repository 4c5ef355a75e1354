import type { SynchronousCodec, Tensor, TensorData, Tensors } from '../artefact.ts';

const DTYPES = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
} as const;

type DtypeName = keyof typeof DTYPES;

interface HeaderEntry {
  readonly dtype: DtypeName;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * The safetensors format (https://github.com/huggingface/safetensors): u64 little-endian header length, JSON header
 * padded with spaces, then the tensors' bytes, little-endian. Tensors are written by descending element size and then
 * by name, so that every tensor is aligned and equal tensors give equal files.
 */
export const safetensors: SynchronousCodec<Tensors> = { type: 'safetensors', independent: true, encode, decode };

function encode(tensors: Tensors): Uint8Array {
  const entries = Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const header: Record<string, HeaderEntry> = {};
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    const elements = shape.reduce((product, extent) => product * extent, 1);
    if (elements !== data.length) {
      throw new RangeError(`tensor "${name}" has shape [${shape.join(', ')}] but ${data.length} elements`);
    }
    header[name] = { dtype: dtypeOf(name, data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const headerBytes = Buffer.byteLength(text);
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(new TextEncoder().encode(text), 8);
  for (const [name, { data }] of entries) {
    const [begin] = (header[name] as HeaderEntry).data_offsets;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + headerBytes + begin);
  }
  return file;
}

function decode(file: Uint8Array): Tensors {
  if (file.length < 8) throw new RangeError(`a safetensors file of ${file.length} bytes is cut short`);
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const body = 8 + headerBytes;
  if (body > file.length) throw new RangeError('the safetensors header is cut short');
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, body))) as Record<string, HeaderEntry>;
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const ArrayType = DTYPES[entry.dtype];
    if (!ArrayType) throw new RangeError(`tensor "${name}" has dtype ${entry.dtype}, which is not supported`);
    const [begin, end] = entry.data_offsets;
    const expectedBytes = entry.shape.reduce((product, extent) => product * extent, ArrayType.BYTES_PER_ELEMENT);
    if (end - begin !== expectedBytes) {
      throw new RangeError(
        `tensor "${name}" has shape [${entry.shape.join(', ')}] of ${entry.dtype} but ${end - begin} bytes`,
      );
    }
    if (body + end > file.length) throw new RangeError(`tensor "${name}" is cut short`);
    // A copy of its own (which `slice` of a Buffer is not): the tensor may be kept, changed or transferred without touching the file's bytes.
    const owned = Uint8Array.prototype.slice.call(file, body + begin, body + end);
    tensors[name] = { shape: entry.shape, data: new ArrayType(owned.buffer as ArrayBuffer) };
  }
  return tensors;
}

function dtypeOf(name: string, data: TensorData): DtypeName {
  const found = (Object.keys(DTYPES) as DtypeName[]).find((dtype) => data.constructor === DTYPES[dtype]);
  if (!found) throw new TypeError(`tensor "${name}" holds a ${data.constructor.name}, which safetensors cannot store`);
  return found;
}
