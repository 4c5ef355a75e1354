/** The namespace of `@tensorflow/tfjs-core`, with a backend set. Callers pass it, so that models need not import it. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
