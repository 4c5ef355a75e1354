import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, type NativeKernels, requiredInput } from './native-kernel.ts';

export const batchNormKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  FusedBatchNorm: fusedBatchNorm,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGradient: batchNormTrainingGradient,
});

/**
 * With given statistics: relu?(scale·(x − mean)/√(variance + varianceEpsilon) + offset), for statistics of shape
 * [channels]. The attribute `relu` is our own.
 */
function fusedBatchNorm(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs, inputs } = call;
  const x = requiredInput(call, 'x');
  const channels = x.shape.at(-1) ?? 0;
  const perChannel = (name: string, otherwise: number | undefined): Float32Array | undefined => {
    const input = inputs[name];
    if (!input) return otherwise === undefined ? undefined : new Float32Array(channels).fill(otherwise);
    return input.shape.length === 1 && input.shape[0] === channels ? backend.floats(input) : undefined;
  };
  const values = backend.floats(x);
  const mean = perChannel('mean', undefined);
  const variance = perChannel('variance', undefined);
  const scale = perChannel('scale', 1);
  const offset = perChannel('offset', 0);
  if (!values || !mean || !variance || !scale || !offset) return undefined;
  const y = backend.allocate(x.shape);
  const epsilon = attrs.varianceEpsilon as number;
  const rows = values.length / channels;
  const relu = attrs.relu === true;
  backend.binding.batchNormInference(values, scale, offset, mean, variance, y.values, rows, channels, epsilon, relu);
  return y.info;
}

/**
 * Inputs `x` […, channels], `scale` and `offset` [channels]; attributes `epsilon` and `relu`. Outputs y, of the shape of x, and the
 * mean and the biased variance of each channel: y = relu?(scale·(x − mean)/√(variance + epsilon) + offset).
 */
function batchNormTraining(call: KernelCall): TensorInfo[] {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const scale = requiredInput(call, 'scale');
  const values = backend.floats(x);
  const gamma = backend.floats(scale);
  const beta = backend.floats(requiredInput(call, 'offset'));
  const channels = x.shape.at(-1);
  if (!values || !channels || gamma?.length !== channels || beta?.length !== channels) {
    throw new TypeError('BatchNormTraining takes float32 x […, channels], scale [channels] and offset [channels]');
  }
  const y = backend.allocate(x.shape);
  const mean = backend.allocate([channels]);
  const variance = backend.allocate([channels]);
  const rows = values.length / channels;
  const epsilon = attrs.epsilon as number;
  const relu = attrs.relu === true;
  backend.binding.batchNorm(values, gamma, beta, y.values, mean.values, variance.values, rows, channels, epsilon, relu);
  return [y.info, mean.info, variance.info];
}

/**
 * Inputs `dy`, `x`, `scale`, `offset`, `mean`, `variance`; attributes as of BatchNormTraining. Outputs the gradients with respect to x, scale
 * and offset.
 */
function batchNormTrainingGradient(call: KernelCall): TensorInfo[] {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const values = backend.floats(x);
  const dy = backend.floats(requiredInput(call, 'dy'));
  const mean = backend.floats(requiredInput(call, 'mean'));
  const variance = backend.floats(requiredInput(call, 'variance'));
  const gamma = backend.floats(requiredInput(call, 'scale'));
  const beta = backend.floats(requiredInput(call, 'offset'));
  const channels = x.shape.at(-1);
  if (!values || !dy || !mean || !variance || !gamma || !beta || !channels) {
    throw new TypeError('BatchNormTrainingGradient takes float32 tensors');
  }
  const dx = backend.allocate(x.shape);
  const dScale = backend.allocate([channels]);
  const dOffset = backend.allocate([channels]);
  backend.binding.batchNormGradient(
    dy,
    values,
    mean,
    variance,
    gamma,
    beta,
    dx.values,
    dScale.values,
    dOffset.values,
    values.length / channels,
    channels,
    attrs.epsilon as number,
    attrs.relu === true,
  );
  return [dx.info, dScale.info, dOffset.info];
}
