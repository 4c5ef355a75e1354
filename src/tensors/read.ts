import type { Tensor, TensorFlow } from './tensorflow.ts';

/** The wasm backend's addition to the common interface: a tensor's values in place. */
interface HeapBackend {
  typedArrayFromHeap(tensor: Tensor): Float32Array;
}

/** A backend that copies a tensor's values out of its memory, and goes on to reuse that memory. */
interface CopyingBackend {
  copyTo(tensor: Tensor, target: Float32Array, offset: number): void;
}

/**
 * Copies a float32 tensor's values into `target` at `offset`. Where the backend can, without `dataSync`, which would allocate
 * a fresh array each time: for a kernel of 627,200 numbers that takes longer than the matrix product that made it.
 */
export function readInto(tf: TensorFlow, tensor: Tensor, target: Float32Array, offset: number): void {
  const backend: object = tf.backend();
  if (isCopyingBackend(backend)) backend.copyTo(tensor, target, offset);
  else if (isHeapBackend(backend)) target.set(backend.typedArrayFromHeap(tensor), offset);
  else target.set(tensor.dataSync<'float32'>(), offset);
}

/** A copy of a float32 tensor's values. */
export function valuesOf(tf: TensorFlow, tensor: Tensor): Float32Array {
  const values = new Float32Array(tensor.size);
  readInto(tf, tensor, values, 0);
  return values;
}

function isHeapBackend(backend: object): backend is HeapBackend {
  return 'typedArrayFromHeap' in backend;
}

function isCopyingBackend(backend: object): backend is CopyingBackend {
  return 'copyTo' in backend;
}
