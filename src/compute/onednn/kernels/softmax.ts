import type { TensorInfo } from '@tensorflow/tfjs';
import { type KernelCall, type NativeKernel, type NativeKernels, requiredInput } from './native-kernel.ts';

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
 * Inputs `logits` [m, classes] and `labels`, int32 [m]; outputs the cross entropy of each example [m] and its gradient by the
 * logits [m, classes].
 */
function softmaxCrossEntropy(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const logits = requiredInput(call, 'logits');
  const labels = requiredInput(call, 'labels');
  const values = backend.floats(logits);
  const classes = backend.data.peek(labels.dataId).values;
  const [rows, columns] = logits.shape;
  if (values === undefined || rows === undefined || columns === undefined || !(classes instanceof Int32Array)) {
    throw new TypeError('SoftmaxCrossEntropy takes float32 logits [m, classes] and int32 labels [m]');
  }
  const losses = backend.allocate([rows]);
  const gradient = backend.allocate(logits.shape);
  backend.binding.softmaxCrossEntropy(values, classes, losses.values, gradient.values, rows, columns);
  return [losses.info, gradient.info];
}
