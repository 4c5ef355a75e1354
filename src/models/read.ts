import type { Tensor, TensorFlow } from './tensorflow.ts';

/** What the wasm backend has beyond the common interface: a tensor's values in place. */
interface HeapBackend {
  typedArrayFromHeap(tensor: Tensor): Float32Array;
}

/**
 * Copies a float32 tensor's values into `target` at `offset`. On wasm straight from its heap: `dataSync` would allocate a
 * fresh array each time, which for a kernel of 627,200 numbers takes longer than the matrix product that made it.
 */
export function readInto(tf: TensorFlow, tensor: Tensor, target: Float32Array, offset: number): void {
  const backend: object = tf.backend();
  const values = isHeapBackend(backend) ? backend.typedArrayFromHeap(tensor) : tensor.dataSync<'float32'>();
  target.set(values, offset);
}

function isHeapBackend(backend: object): backend is HeapBackend {
  return 'typedArrayFromHeap' in backend;
}
