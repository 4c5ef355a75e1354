import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, type NativeKernel, type NativeKernels, requiredInput, sameShape } from './native-kernel.ts';

export const softmaxKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  Softmax: overRows('softmax', 'dim'),
  LogSoftmax: overRows('logSoftmax', 'axis'),
  SoftmaxCrossEntropy: softmaxCrossEntropy,
});

function overRows(name: 'softmax' | 'logSoftmax', axisAttribute: string): NativeKernel {
  return (call) => {
    const { backend, attrs } = call;
    const logits = requiredInput(call, 'logits');
    const rank = logits.shape.length;
    const axis = (attrs[axisAttribute] as number | undefined) ?? -1;
    const values = backend.floats(logits);
    if (values === undefined || rank === 0 || (axis !== -1 && axis !== rank - 1)) return undefined;
    const columns = logits.shape[rank - 1] as number;
    const out = backend.allocate(logits.shape);
    backend.binding[name](values, out.values, values.length / columns, columns);
    return out.info;
  };
}

/**
 * Inputs `logits` and `labels`, [m, classes] each, the labels one-hot; outputs the mean cross entropy, a scalar, and its gradient with respect to
 * the logits.
 */
function softmaxCrossEntropy(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const logits = requiredInput(call, 'logits');
  const labels = requiredInput(call, 'labels');
  const values = backend.floats(logits);
  const labelValues = backend.floats(labels);
  const [rows, columns] = logits.shape;
  if (
    !values ||
    !labelValues ||
    rows === undefined ||
    columns === undefined ||
    !sameShape(logits.shape, labels.shape)
  ) {
    throw new TypeError('SoftmaxCrossEntropy takes float32 logits and labels [m, classes]');
  }
  const loss = backend.allocate([]);
  const gradient = backend.allocate(logits.shape);
  backend.binding.softmaxCrossEntropy(values, labelValues, loss.values, gradient.values, rows, columns);
  return [loss.info, gradient.info];
}
