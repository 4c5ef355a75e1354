import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, type NativeKernels, requiredInput, sizeOf } from './native-kernel.ts';

/** Kernels whose result shares the data of their input: one more reference, no copy. */
export const sharingKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  Identity: identity,
  Reshape: reshape,
  Cast: cast,
});

function identity(call: KernelCall): TensorInfo {
  const x = requiredInput(call, 'x');
  return call.backend.share(x, x.shape, x.dtype);
}

function reshape(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const shape = inferred(attrs.shape as number[], sizeOf(x.shape));
  // The parts of a complex tensor get the shape too; the cpu kernel reports a mistake.
  if (x.dtype === 'complex64' || shape.some((extent) => extent < 0) || sizeOf(shape) !== sizeOf(x.shape)) {
    return undefined;
  }
  return backend.share(x, shape, x.dtype);
}

/** The shape with the extent −1 computed, if there is one and it is unique. */
function inferred(shape: readonly number[], size: number): readonly number[] {
  const known = shape.filter((extent) => extent !== -1);
  if (known.length !== shape.length - 1) return shape;
  const extent = size / sizeOf(known);
  return Number.isInteger(extent) ? shape.map((given) => (given === -1 ? extent : given)) : shape;
}

function cast(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const dtype = attrs.dtype as DataType;
  if (x.dtype === dtype && dtype !== 'complex64') return backend.share(x, x.shape, dtype);
  // The cpu kernel would let a float32 tensor share the data of an integer one: every later kernel would convert them.
  if (dtype === 'float32' && (x.dtype === 'int32' || x.dtype === 'bool')) {
    const out = backend.allocate(x.shape);
    out.values.set(backend.data.peek(x.dataId).values as Int32Array | Uint8Array);
    return out.info;
  }
  return undefined;
}
