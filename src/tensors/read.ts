import { backendWith } from './capabilities.ts';
import type { Tensor, TensorFlow } from './tensorflow.ts';

/**
 * Copies a float32 tensor's values into `target` at `offset`. Where the backend can, without `dataSync`, which would allocate
 * a fresh array each time: for a kernel of 627,200 numbers that takes longer than the matrix product that made it.
 */
export function readInto(tf: TensorFlow, tensor: Tensor, target: Float32Array, offset: number): void {
  const copying = backendWith(tf, 'copyTo');
  const heap = backendWith(tf, 'typedArrayFromHeap');
  if (copying) copying.copyTo(tensor, target, offset);
  else if (heap) target.set(heap.typedArrayFromHeap(tensor), offset);
  else target.set(tensor.dataSync<'float32'>(), offset);
}

/** A copy of a float32 tensor's values. */
export function valuesOf(tf: TensorFlow, tensor: Tensor): Float32Array {
  const values = new Float32Array(tensor.size);
  readInto(tf, tensor, values, 0);
  return values;
}
