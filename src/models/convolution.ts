import { rectifierGradient } from './rectifier.ts';
import type { Tensor, Tensor4D, TensorFlow } from './tensorflow.ts';

type Save = (tensors: Tensor[]) => void;

interface ConvolutionOptions {
  readonly stride: number;
  /** Whether a ReLU follows, which then costs no pass over memory of its own. */
  readonly rectify: boolean;
}

/**
 * relu?(x ∗ w) with the gradients by both, padded as TensorFlow's 'same': the output has ⌈extent / stride⌉ pixels, and an
 * odd number of padding pixels has the surplus at the bottom and at the right.
 *
 * @param input [m, height, width, in]
 * @param kernel [size, size, in, out]; must outlive the backward pass. Saving it for that would copy it, on wasm.
 */
export function convolve(tf: TensorFlow, input: Tensor4D, kernel: Tensor, options: ConvolutionOptions): Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [x, w, save] = inputs as unknown as [Tensor4D, Tensor4D, Save];
    const value = forward(tf, x, w, options);
    save(options.rectify ? [x, value] : [x]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [savedInput, output] = saved as [Tensor, Tensor | undefined];
        // A tidy of its own: the engine's ends with the whole backward pass.
        return tf.tidy(() => {
          const dz = output ? rectifierGradient(tf, dy, output) : dy;
          return [
            inputGradient(tf, dz, kernel, savedInput.shape, options),
            kernelGradient(tf, savedInput, dz, kernel.shape, options),
          ];
        });
      },
    };
  });
  return operation(input, kernel) as Tensor4D;
}

/**
 * The first layer: as `convolve`, but with the gradient by the kernel only.
 *
 * @param pixels [m, height, width, channels]; must outlive the backward pass.
 */
export function convolvePixels(
  tf: TensorFlow,
  pixels: Tensor4D,
  kernel: Tensor,
  options: ConvolutionOptions,
): Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [w, save] = inputs as unknown as [Tensor4D, Save];
    const value = forward(tf, pixels, w, options);
    save(options.rectify ? [value] : []);
    return {
      value,
      gradFunc: (dy: Tensor, [output]: Tensor[]) =>
        tf.tidy(() => {
          const dz = output ? rectifierGradient(tf, dy, output) : dy;
          return kernelGradient(tf, pixels, dz, kernel.shape, options);
        }),
    };
  });
  return operation(kernel) as Tensor4D;
}

function forward(tf: TensorFlow, x: Tensor4D, filter: Tensor4D, { stride, rectify }: ConvolutionOptions): Tensor4D {
  // By its name: where gradients are taken, `tf.fused.conv2d` would not fuse the ReLU, since it has no gradient for that.
  const activation = rectify ? 'relu' : 'linear';
  return run(tf, 'FusedConv2D', { x, filter }, { ...geometry(stride), dilations: [1, 1], activation }) as Tensor4D;
}

function inputGradient(
  tf: TensorFlow,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  { stride }: ConvolutionOptions,
): Tensor {
  return run(tf, 'Conv2DBackpropInput', { dy, filter }, { ...geometry(stride), inputShape: [...inputShape] });
}

function kernelGradient(
  tf: TensorFlow,
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  { stride }: ConvolutionOptions,
): Tensor {
  return run(tf, 'Conv2DBackpropFilter', { x, dy }, { ...geometry(stride), filterShape: [...filterShape] });
}

function geometry(stride: number) {
  return { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC' };
}

function run(
  tf: TensorFlow,
  kernelName: string,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: Readonly<Record<string, string | number[]>>,
): Tensor {
  return tf.engine().runKernel(kernelName, { ...inputs }, { ...attrs }) as Tensor;
}
