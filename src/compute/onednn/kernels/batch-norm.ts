import type { TensorInfo } from '@tensorflow/tfjs';
import { broadcastOf } from './broadcast.ts';
import { type KernelCall, type NativeKernels, requiredInput } from './native-kernel.ts';

export const batchNormKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  FusedBatchNorm: fusedBatchNorm,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGradient: batchNormTrainingGradient,
});

/** By statistics that are given: scale·(x − mean)/√(variance + varianceEpsilon) + offset, for statistics of shape [channels]. */
function fusedBatchNorm(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs, inputs } = call;
  const { binding } = backend;
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
  const layout = broadcastOf(x.shape, [channels])?.layout;
  if (!values || !mean || !variance || !scale || !offset || !layout) return undefined;
  const epsilon = attrs.varianceEpsilon as number;
  const factor = scale.map((gamma, channel) => gamma / Math.sqrt((variance[channel] as number) + epsilon));
  const centred = backend.allocate(x.shape);
  const scaled = backend.allocate(x.shape);
  binding.subtract(values, mean, centred.values, layout);
  binding.multiply(centred.values, factor, scaled.values, layout);
  binding.add(scaled.values, offset, centred.values, layout);
  backend.disposeIntermediateTensorInfo(scaled.info);
  return centred.info;
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
 * Inputs `dy`, `x`, `scale`, `offset`, `mean`, `variance`; attributes as of BatchNormTraining. Outputs the gradients by x, scale
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
