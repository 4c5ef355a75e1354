import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../../identity.ts';
import { type KernelCall, type NativeKernels, requiredInput, sameShape } from './native-kernel.ts';

type ComputePooling = TensorFlow['backend_util']['computePool2DInfo'];
type PoolingInfo = ReturnType<ComputePooling>;

/** Average pooling and its gradient, NHWC. */
export function poolingKernels(tf: TensorFlow): NativeKernels {
  const { computePool2DInfo } = tf.backend_util;
  return {
    AvgPool: (call) => {
      const x = requiredInput(call, 'x');
      return averagePool(call, infoOf(computePool2DInfo, call, x.shape));
    },
    AvgPoolGrad: (call) => {
      const input = requiredInput(call, 'input');
      return averagePoolGradient(call, infoOf(computePool2DInfo, call, input.shape));
    },
  };
}

function infoOf(compute: ComputePooling, { attrs }: KernelCall, shape: readonly number[]): PoolingInfo | undefined {
  if (shape.length !== 4) return undefined;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: Parameters<ComputePooling>[4];
    dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
  };
  return compute(shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
}

/** Undefined where a window may lie completely in the padding, and so have no average. */
function pack(info: PoolingInfo): Int32Array | undefined {
  const { padInfo } = info;
  const empty = (extent: number, window: number, stride: number, out: number, before: number): boolean =>
    before >= window || (out - 1) * stride - before >= extent;
  if (empty(info.inHeight, info.filterHeight, info.strideHeight, info.outHeight, padInfo.top)) return undefined;
  if (empty(info.inWidth, info.filterWidth, info.strideWidth, info.outWidth, padInfo.left)) return undefined;
  return Int32Array.of(
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.filterHeight,
    info.filterWidth,
    info.outHeight,
    info.outWidth,
    info.strideHeight,
    info.strideWidth,
    padInfo.top,
    padInfo.left,
  );
}

function isUnpadded({ padInfo: { top, left, bottom, right } }: PoolingInfo): boolean {
  return top === 0 && left === 0 && bottom === 0 && right === 0;
}

function averagePool(call: KernelCall, info: PoolingInfo | undefined): TensorInfo | undefined {
  const { backend } = call;
  const packed = info && pack(info);
  const x = packed && backend.floats(requiredInput(call, 'x'));
  if (!info || !packed || !x) return undefined;
  const out = backend.allocate(info.outShape);
  backend.binding.averagePool(x, out.values, packed);
  return out.info;
}

function averagePoolGradient(call: KernelCall, info: PoolingInfo | undefined): TensorInfo | undefined {
  const { backend } = call;
  const gradient = requiredInput(call, 'dy');
  // The cpu kernel divides by the whole window even where it overlaps the padding, and so must this backend.
  const packed = info && isUnpadded(info) ? pack(info) : undefined;
  const dy = packed && backend.floats(gradient);
  if (!info || !packed || !dy || !sameShape(gradient.shape, info.outShape)) return undefined;
  const dx = backend.allocate(info.inShape);
  backend.binding.averagePoolGradient(dy, dx.values, packed);
  return dx.info;
}
