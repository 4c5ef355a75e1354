import type { SynchronousCodec, Tensor, Tensors } from '../artefact.ts';
import { checkedTensors, type NamedTensor } from './checked-tensors.ts';
import { DTYPES, type HeaderEntry } from './safetensors-dtypes.ts';
import { readHeader } from './safetensors-header.ts';

/**
 * The safetensors format (https://github.com/huggingface/safetensors): u64 little-endian header length, JSON header
 * padded with spaces, then the tensors' bytes, little-endian. Tensors are written by descending element size and then
 * by name, so that every tensor is aligned and equal tensors give equal files.
 */
export const safetensors: SynchronousCodec<Tensors> = {
  type: 'safetensors',
  independent: true,
  sizeOf: (value) => layOut(value).bytes,
  encode,
  decode,
};

interface Layout {
  readonly tensors: readonly NamedTensor[];
  readonly header: Readonly<Record<string, HeaderEntry>>;
  readonly headerText: Uint8Array;
  readonly bytes: number;
}

function layOut(value: unknown): Layout {
  const tensors = [...checkedTensors(value)].sort(
    (a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const header: Record<string, HeaderEntry> = {};
  let end = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const headerText = new TextEncoder().encode(text);
  return { tensors, header, headerText, bytes: 8 + headerText.length + end };
}

function encode(value: Tensors): Uint8Array {
  const { tensors, header, headerText, bytes } = layOut(value);
  const file = new Uint8Array(bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerText.length), true);
  file.set(headerText, 8);
  for (const { name, data } of tensors) {
    const [begin] = (header[name] as HeaderEntry).data_offsets;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + headerText.length + begin);
  }
  return file;
}

function decode(file: Uint8Array): Tensors {
  const { entries, body } = readHeader(file);
  const tensors: Record<string, Tensor> = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [begin, end],
    },
  ] of entries) {
    // A copy of its own (which `slice` of a Buffer is not): the tensor may be kept, changed or transferred without touching the file's bytes.
    const owned = Uint8Array.prototype.slice.call(file, body + begin, body + end);
    tensors[name] = { shape, data: new DTYPES[dtype](owned.buffer as ArrayBuffer) };
  }
  return tensors;
}
