import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../identity.ts';
import { createBackend, type OnednnBackend } from './backend.ts';
import type { OnednnBinding } from './binding.ts';
import { batchNormKernels } from './kernels/batch-norm.ts';
import { convolutionKernels } from './kernels/convolution.ts';
import { descentKernels } from './kernels/descent.ts';
import { elementwiseKernels } from './kernels/elementwise.ts';
import { layoutKernels } from './kernels/layout.ts';
import { matmulKernels } from './kernels/matmul.ts';
import type { NativeKernel, NativeKernels } from './kernels/native-kernel.ts';
import { poolingKernels } from './kernels/pooling.ts';
import { reductionKernels } from './kernels/reduction.ts';
import { sharingKernels } from './kernels/sharing.ts';
import { softmaxKernels } from './kernels/softmax.ts';
import { BACKEND_NAME } from './name.ts';

/** Above wasm's and webgl's, so that the engine prefers it when nobody sets a backend. */
const PRIORITY = 4;

/**
 * Registers the backend `onednn` in the TensorFlow.js engine, once; `tf.setBackend('onednn')` then selects it. Every kernel of
 * the cpu backend, which must be registered, exists; native kernels replace them where they support the case.
 *
 * Kernels that no other backend has, to be run by `tf.engine().runKernel` where `tf.getKernel` finds them:
 * `SoftmaxCrossEntropy`, `BatchNormTraining`, `BatchNormTrainingGradient`, `ReluGradient`,
 * `AddRelu`, `Blend` and `GradientDescentStep`. `FusedBatchNorm` also has the attribute `relu`. They have no gradient in TensorFlow.js's own tape.
 */
export function registerOnednn(tf: TensorFlow, binding: OnednnBinding): void {
  if (tf.findBackendFactory(BACKEND_NAME) !== null) return;
  tf.copyRegisteredKernels('cpu', BACKEND_NAME);
  const kernels: NativeKernels = {
    ...sharingKernels,
    ...elementwiseKernels,
    ...reductionKernels,
    ...matmulKernels,
    ...softmaxKernels,
    ...layoutKernels,
    ...convolutionKernels(tf),
    ...poolingKernels(tf),
    ...batchNormKernels,
    ...descentKernels,
  };
  for (const [name, native] of Object.entries(kernels)) override(tf, name, native);
  tf.registerBackend(BACKEND_NAME, () => createBackend(tf, binding), PRIORITY);
}

function override(tf: TensorFlow, kernelName: string, native: NativeKernel): void {
  const cpu: KernelConfig | undefined = tf.getKernel(kernelName, 'cpu');
  if (cpu) tf.unregisterKernel(kernelName, BACKEND_NAME);
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, backend, attrs = {} }) => {
      const result = native({ inputs, backend: backend as OnednnBackend, attrs });
      if (result !== undefined) return result;
      if (cpu === undefined) throw new TypeError(`${kernelName} takes float32 tensors that fit together`);
      return cpu.kernelFunc({ inputs, backend, attrs });
    },
  });
}
