import { runKernel } from '../kernels.ts';
import type { Tensor2D, Tensor3D, TensorFlow } from '../tensorflow.ts';

/** The three matrix products of a dense layer Y = X·W, with X [m, in] a minibatch and W [in, out] a kernel. */
interface DenseProducts {
  /** X·W, or relu(X·W), shape [m, out]. */
  output(x: Tensor2D, w: Tensor2D, rectify?: boolean): Tensor2D;
  /** dW = Xᵀ·dY, shape [in, out]. */
  kernelGradient(x: Tensor2D, dy: Tensor2D): Tensor2D;
  /** dX = dY·Wᵀ, shape [m, in]. */
  inputGradient(dy: Tensor2D, w: Tensor2D): Tensor2D;
}

/**
 * The products in the form in which the backend is fast. On wasm only a product without transposes reaches XNNPACK (the
 * others are a naive loop, ten times slower), and XNNPACK first packs the whole right operand, which for a kernel that
 * changes at every step costs as much as the product. There the kernel goes to the left, and the minibatch, which is
 * small, to the right: X·W = (Wᵀ·Xᵀ)ᵀ and dY·Wᵀ = (W·dYᵀ)ᵀ.
 */
export function denseProducts(tf: TensorFlow): DenseProducts {
  return tf.getBackend() === 'wasm' ? packingSmallOperand(tf) : direct(tf);
}

function direct(tf: TensorFlow): DenseProducts {
  const product = (a: Tensor2D, b: Tensor2D, transposeA: boolean, transposeB: boolean): Tensor2D =>
    runKernel(tf, 'BatchMatMul', { a, b }, { transposeA, transposeB }) as Tensor2D;
  const rectified = { transposeA: false, transposeB: false, activation: 'relu' };
  return {
    output: (x, w, rectify = false) =>
      rectify ? (runKernel(tf, '_FusedMatMul', { a: x, b: w }, rectified) as Tensor2D) : product(x, w, false, false),
    kernelGradient: (x, dy) => product(x, dy, true, false),
    inputGradient: (dy, w) => product(dy, w, false, true),
  };
}

function packingSmallOperand(tf: TensorFlow): DenseProducts {
  return {
    output: (x, w, rectify = false) =>
      tf.tidy(() => {
        const z = tf.transpose<Tensor2D>(tf.matMul(tf.transpose<Tensor2D>(w), tf.transpose<Tensor2D>(x)));
        return rectify ? tf.relu<Tensor2D>(z) : z;
      }),
    kernelGradient: (x, dy) => tf.tidy(() => tf.matMul(tf.transpose<Tensor2D>(x), dy) as Tensor2D),
    inputGradient: (dy, w) =>
      tf.tidy(() => tf.transpose<Tensor2D>(tf.matMul(w, tf.transpose<Tensor2D>(dy)) as Tensor2D)),
  };
}

/** Products of many small matrices, [count, m, in] and [count, m, out], each in the form in which the backend is fast. */
interface BatchedProducts {
  /** X·Xᵀ of each, shape [count, m, m]. */
  gram(x: Tensor3D): Tensor3D;
  /** Xᵀ·Y of each, shape [count, in, out]. */
  transposed(x: Tensor3D, y: Tensor3D): Tensor3D;
}

export function batchedProducts(tf: TensorFlow): BatchedProducts {
  if (tf.getBackend() !== 'wasm') {
    return {
      gram: (x) => tf.matMul(x, x, false, true),
      transposed: (x, y) => tf.matMul(x, y, true, false),
    };
  }
  const flip = (x: Tensor3D) => tf.transpose(x, [0, 2, 1]);
  return { gram: (x) => tf.matMul(x, flip(x)), transposed: (x, y) => tf.matMul(flip(x), y) };
}
