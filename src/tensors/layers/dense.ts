import { denseProducts } from '../algebra/products.ts';
import type { Recorder } from '../tape/tape.ts';
import type { Tensor, Tensor2D } from '../tensorflow.ts';
import { throughRectifier } from './rectifier.ts';

interface DenseOptions {
  /** Whether a ReLU follows. */
  readonly rectify: boolean;
}

/**
 * The first layer: relu?(X·W) with the gradient with respect to W only. Nobody needs the pixels' gradient, a product as large as the
 * layer's others.
 *
 * @param pixels [m, in]; must outlive the backward pass
 * @param kernel [in, out]
 */
export function denseOfPixels(recorder: Recorder, pixels: Tensor2D, kernel: Tensor, options: DenseOptions): Tensor2D {
  const { tf } = recorder;
  const { output, kernelGradient } = denseProducts(tf);
  const value = output(pixels, kernel as Tensor2D, options.rectify);
  return recorder.record(value, [kernel], (dy) =>
    throughRectifier(tf, options, dy, value, (dz) => [kernelGradient(pixels, dz as Tensor2D)]),
  );
}

/**
 * relu?(X·W) with its gradients.
 *
 * @param input [m, in]
 * @param kernel [in, out]; must outlive the backward pass
 */
export function dense(recorder: Recorder, input: Tensor2D, kernel: Tensor, options: DenseOptions): Tensor2D {
  const { tf } = recorder;
  const { output, kernelGradient, inputGradient } = denseProducts(tf);
  const value = output(input, kernel as Tensor2D, options.rectify);
  return recorder.record(value, [input, kernel], (dy) =>
    throughRectifier(tf, options, dy, value, (dz) => [
      inputGradient(dz as Tensor2D, kernel as Tensor2D),
      kernelGradient(input, dz as Tensor2D),
    ]),
  );
}
