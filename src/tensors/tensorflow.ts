/** The namespace of `@tensorflow/tfjs-core`, with a backend set: handed to whatever computes, so that models import none. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
