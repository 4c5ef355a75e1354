import { runKernel } from '../kernels.ts';
import type { Recorder } from '../tape/tape.ts';
import type { Tensor, Tensor4D, TensorFlow } from '../tensorflow.ts';
import { throughRectifier } from './rectifier.ts';

interface ConvolutionOptions {
  readonly stride: number;
  /** Whether a ReLU follows, which then needs no separate pass over memory. */
  readonly rectify: boolean;
}

/**
 * relu?(x ∗ w) with the gradients with respect to both, padded as TensorFlow's 'same': the output has ⌈extent / stride⌉ pixels, and an
 * odd number of padding pixels has the surplus at the bottom and at the right.
 *
 * @param input [m, height, width, in]
 * @param kernel [size, size, in, out]; must outlive the backward pass
 */
export function convolve(recorder: Recorder, input: Tensor4D, kernel: Tensor, options: ConvolutionOptions): Tensor4D {
  const { tf } = recorder;
  const value = forward(tf, input, kernel, options);
  return recorder.record(value, [input, kernel], (dy) =>
    throughRectifier(tf, options, dy, value, (dz) => [
      inputGradient(tf, dz, kernel, input.shape, options),
      kernelGradient(tf, input, dz, kernel.shape, options),
    ]),
  );
}

/**
 * The first layer: like `convolve`, but with the gradient with respect to the kernel only.
 *
 * @param pixels [m, height, width, channels]; must outlive the backward pass
 */
export function convolvePixels(
  recorder: Recorder,
  pixels: Tensor4D,
  kernel: Tensor,
  options: ConvolutionOptions,
): Tensor4D {
  const { tf } = recorder;
  const value = forward(tf, pixels, kernel, options);
  return recorder.record(value, [kernel], (dy) =>
    throughRectifier(tf, options, dy, value, (dz) => [kernelGradient(tf, pixels, dz, kernel.shape, options)]),
  );
}

function forward(tf: TensorFlow, x: Tensor4D, filter: Tensor, { stride, rectify }: ConvolutionOptions): Tensor4D {
  // By its name: under a gradient, `tf.fused.conv2d` would not fuse the ReLU, since it has no gradient for that.
  const activation = rectify ? 'relu' : 'linear';
  const attributes = { ...geometry(stride), dilations: [1, 1], activation };
  return runKernel(tf, 'FusedConv2D', { x, filter }, attributes) as Tensor4D;
}

function inputGradient(
  tf: TensorFlow,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  { stride }: ConvolutionOptions,
): Tensor {
  return runKernel(tf, 'Conv2DBackpropInput', { dy, filter }, { ...geometry(stride), inputShape: [...inputShape] });
}

function kernelGradient(
  tf: TensorFlow,
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  { stride }: ConvolutionOptions,
): Tensor {
  return runKernel(tf, 'Conv2DBackpropFilter', { x, dy }, { ...geometry(stride), filterShape: [...filterShape] });
}

function geometry(stride: number) {
  return { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC' };
}
