import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, type NativeKernels, requiredInput, sameShape } from './native-kernel.ts';

export const descentKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  GradientDescentStep: gradientDescentStep,
});

/**
 * weights − learningRate·gradient. Consumes the weights: where nothing else shares their memory, they are overwritten, and
 * the result is a second tensor of the same data. The caller disposes the first and uses the second.
 */
function gradientDescentStep(call: KernelCall): TensorInfo {
  const { backend, attrs } = call;
  const weights = requiredInput(call, 'weights');
  const gradient = requiredInput(call, 'gradient');
  const factor = -(attrs.learningRate as number);
  const current = backend.floats(weights);
  if (current === undefined || gradient.dtype !== 'float32' || !sameShape(weights.shape, gradient.shape)) {
    throw new TypeError('GradientDescentStep takes float32 weights and a float32 gradient of the same shape');
  }
  const { buffer, refCount } = backend.data.peek(weights.dataId);
  const inPlace = buffer?.isPrivate === true && refCount === 1;
  const out = inPlace
    ? { info: backend.share(weights, weights.shape, 'float32'), values: current }
    : backend.allocate(weights.shape);
  const { pending } = backend.data.peek(gradient.dataId);
  if (pending) {
    if (!inPlace) out.values.set(current);
    pending.addTo(backend.binding, factor, 1, out.values);
  } else {
    const values = backend.floats(gradient) as Float32Array;
    backend.binding.addScaled(factor, values, current, out.values, current.length);
  }
  return out.info;
}
