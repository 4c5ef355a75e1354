import { types } from 'node:util';
import { describeValue } from './describe-value.ts';

/** A copy (`slice` of a Buffer makes none): the stage may use its array again before this one is on the disk. */
export function copiedBytes(value: unknown): Uint8Array {
  return new Uint8Array(checkedBytes(value));
}

/**
 * @returns the value, a Uint8Array (a Buffer is one)
 * @throws {TypeError} for anything else, whose elements would be rounded to bytes, and for an array that has lost its buffer
 */
export function checkedBytes(value: unknown): Uint8Array {
  if (!types.isUint8Array(value)) {
    const fix = ArrayBuffer.isView(value)
      ? ': give its bytes, new Uint8Array(array.buffer, array.byteOffset, array.byteLength)'
      : '';
    throw new TypeError(`it must be a Uint8Array, and is ${describeValue(value)}${fix}`);
  }
  checkAttached(value);
  return value;
}

/** @throws {TypeError} for an array whose buffer was transferred, or shrunk so that the array lies outside: it reads as empty */
export function checkAttached(value: NodeJS.TypedArray): void {
  try {
    // Every method except the accessors of the length distinguishes an array without a buffer from an empty one.
    Uint8Array.prototype.at.call(value as Uint8Array, 0);
  } catch {
    throw new TypeError(`${describeValue(value)} has lost its buffer, which was transferred or made smaller`);
  }
}
