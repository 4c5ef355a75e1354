import { denseProducts } from './products.ts';
import type { Tensor, Tensor2D, TensorFlow } from './tensorflow.ts';

type Save = (tensors: Tensor[]) => void;

/**
 * The first layer: X·W whose gradient is taken with respect to W only. The pixels' gradient, a product as large as the
 * layer's others, is nobody's.
 *
 * @param pixels [m, in]
 * @param kernel [in, out]
 */
export function denseOfPixels(tf: TensorFlow, pixels: Tensor2D, kernel: Tensor): Tensor2D {
  const { output, kernelGradient } = denseProducts(tf);
  const operation = tf.customGrad((...inputs) => {
    const [w, save] = inputs as unknown as [Tensor2D, Save];
    save([pixels]);
    return {
      value: output(pixels, w),
      gradFunc: (dy: Tensor, saved: Tensor[]) => kernelGradient(saved[0] as Tensor2D, dy as Tensor2D),
    };
  });
  return operation(kernel) as Tensor2D;
}

/**
 * X·W with its gradients.
 *
 * @param input [m, in]
 * @param kernel [in, out]; must outlive the backward pass. Saving it for that would copy it, on wasm.
 */
export function dense(tf: TensorFlow, input: Tensor2D, kernel: Tensor): Tensor2D {
  const { output, kernelGradient, inputGradient } = denseProducts(tf);
  const operation = tf.customGrad((...inputs) => {
    const [x, w, save] = inputs as unknown as [Tensor2D, Tensor2D, Save];
    save([x]);
    return {
      value: output(x, w),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [
        inputGradient(dy as Tensor2D, kernel as Tensor2D),
        kernelGradient(saved[0] as Tensor2D, dy as Tensor2D),
      ],
    };
  });
  return operation(input, kernel) as Tensor2D;
}
