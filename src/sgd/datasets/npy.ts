import { Failure } from '../../engine/base/failure.ts';

/** By the type code of NumPy's header: how many bytes an element has, and how it is read. Several bytes are little-endian. */
const READERS: Readonly<
  Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>
> = {
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '<u2': { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  '<u4': { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<u8': { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
};

/**
 * Reads an NPY file of whole numbers (NumPy Enhancement Proposal 1, versions 1.0 to 3.0) in row-major order.
 *
 * @param place a name of the bytes for messages
 * @returns the elements; those of unsigned bytes as a copy of the bytes
 * @throws {Failure} for another file, another element type, another order, and for more or fewer elements than the shape says
 */
export function parseNpy(
  bytes: Uint8Array,
  place: string,
): { readonly shape: number[]; readonly data: Uint8Array | Float64Array } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text.length < 12 || text.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw malformed(place, 'is no NPY file: it does not begin with \\x93NUMPY', 'write it by numpy.save');
  }
  const isShort = text[6] === 1;
  const begin = isShort ? 10 : 12;
  const end = begin + (isShort ? text.readUInt16LE(8) : text.readUInt32LE(8));
  const header = text.toString('latin1', begin, end);
  const type = /'descr': *'([^']*)'/.exec(header)?.[1];
  const extents = /'shape': *\(([^)]*)\)/.exec(header)?.[1];
  if (text.length < end || extents === undefined) {
    throw malformed(place, 'has a header that is cut short, or of records', 'write one array by numpy.save');
  }
  const reader = READERS[type ?? ''];
  if (!reader) {
    const fix = 'convert it before numpy.save: images.astype("uint8"), labels.astype("int64")';
    throw malformed(place, `has elements of type ${type ?? 'unknown'}, expected whole numbers`, fix);
  }
  if (/'fortran_order': *True/.test(header)) {
    throw malformed(place, 'is in column-major order', 'save numpy.ascontiguousarray(array)');
  }
  const shape = extents
    .split(',')
    .filter((extent) => extent.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (text.length - end !== count * reader.bytes) {
    const fact = `has ${text.length - end} bytes of elements, but ${shape.join(' × ')} need ${count * reader.bytes}`;
    throw malformed(place, fact, 'get or write the file again');
  }
  if (type === '|u1') return { shape, data: new Uint8Array(bytes.subarray(end)) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + end);
  return { shape, data: Float64Array.from({ length: count }, (_, i) => reader.read(view, i * reader.bytes)) };
}

function malformed(place: string, fact: string, fix: string): Failure {
  return new Failure('stage', { fact: `${place} ${fact}`, fix });
}
