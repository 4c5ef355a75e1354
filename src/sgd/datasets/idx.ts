import { Failure } from '../../engine/base/failure.ts';

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes: two zero bytes, the element type (0x08), the number of dimensions, each extent as
 * u32 big-endian, then the elements in row-major order (the format of the MNIST files, as their authors describe it).
 *
 * @param place a name of the bytes for messages
 * @returns the elements as a copy that owns its buffer
 * @throws {Failure} for a header of another kind, and for more or fewer elements than the extents say
 */
export function parseIdx(bytes: Uint8Array, place: string): { readonly shape: number[]; readonly data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw malformed(place, bytes.length, 'the header is cut short');
  if (view.getUint16(0) !== 0)
    throw malformed(place, 0, `an IDX file begins with two zero bytes, not ${hex(bytes, 2)}`);
  const elementType = view.getUint8(2);
  if (elementType !== UNSIGNED_BYTE) {
    throw malformed(place, 2, `element type 0x${elementType.toString(16)}, expected 0x8 (unsigned bytes)`);
  }
  const dimensions = view.getUint8(3);
  const header = 4 + 4 * dimensions;
  if (bytes.length < header)
    throw malformed(place, bytes.length, `the extents of ${dimensions} dimensions are cut short`);
  const shape = Array.from({ length: dimensions }, (_, dimension) => view.getUint32(4 + 4 * dimension));
  const elements = shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length - header !== elements) {
    const extents = shape.join(' × ');
    throw malformed(place, header, `${bytes.length - header} elements follow, but the extents are ${extents}`);
  }
  return { shape, data: new Uint8Array(bytes.subarray(header)) };
}

function malformed(place: string, offset: number, fault: string): Failure {
  return new Failure('stage', { fact: `${place}, byte ${offset}: ${fault}` });
}

function hex(bytes: Uint8Array, count: number): string {
  return Buffer.from(bytes.subarray(0, count)).toString('hex');
}
