import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../../identity.ts';
import { type KernelCall, type NativeKernels, requiredInput, sameShape } from './native-kernel.ts';

type ConvolutionInfo = ReturnType<TensorFlow['backend_util']['computeConv2DInfo']>;
type ComputeConvolution = TensorFlow['backend_util']['computeConv2DInfo'];

/** Convolutions, NHWC without dilation. */
export function convolutionKernels(tf: TensorFlow): NativeKernels {
  const geometryOf = (call: KernelCall, inputShape: readonly number[], filterShape: readonly number[]) =>
    geometry(tf.backend_util.computeConv2DInfo, call, inputShape, filterShape);
  return {
    Conv2D: (call) => {
      const x = requiredInput(call, 'x');
      return forward(call, geometryOf(call, x.shape, requiredInput(call, 'filter').shape), false);
    },
    FusedConv2D: (call) => {
      const { activation } = call.attrs;
      if (activation !== undefined && activation !== null && activation !== 'linear' && activation !== 'relu') {
        return undefined;
      }
      const x = requiredInput(call, 'x');
      const filter = requiredInput(call, 'filter');
      return forward(call, geometryOf(call, x.shape, filter.shape), activation === 'relu');
    },
    Conv2DBackpropInput: (call) => {
      const filter = requiredInput(call, 'filter');
      return backwardInput(call, geometryOf(call, call.attrs.inputShape as number[], filter.shape));
    },
    Conv2DBackpropFilter: (call) => {
      const x = requiredInput(call, 'x');
      return backwardFilter(call, geometryOf(call, x.shape, call.attrs.filterShape as number[]));
    },
  };
}

/** The shapes of a convolution, and the argument in which the addon gets them. */
interface Geometry {
  readonly info: ConvolutionInfo;
  /** Undefined where the addon does not support it. */
  readonly packed: Int32Array | undefined;
}

const known = /* @__PURE__ */ new Map<string, Geometry | undefined>();

function geometry(
  compute: ComputeConvolution,
  { attrs }: KernelCall,
  inputShape: readonly number[],
  filterShape: readonly number[],
): Geometry | undefined {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attrs as unknown as {
    strides: number | [number, number];
    pad: Parameters<ComputeConvolution>[4];
    dataFormat: string;
    dilations: number | [number, number] | undefined;
    dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
  };
  if (dataFormat !== 'NHWC' || [dilations ?? 1].flat().some((dilation) => dilation !== 1)) return undefined;
  const key = `${inputShape}|${filterShape}|${strides}|${pad}|${dimRoundingMode}`;
  if (known.has(key)) return known.get(key);
  const info = compute(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  );
  const found = { info, packed: pack(info) };
  known.set(key, found);
  return found;
}

/** Undefined where a window may lie completely in the padding, or where more pixels at the end are in no window than a stride leaves. */
function pack(info: ConvolutionInfo): Int32Array | undefined {
  const { padInfo } = info;
  // The padding at the end follows from the extents: with rounding, the requested one may reach too far.
  const bottom = (info.outHeight - 1) * info.strideHeight + info.filterHeight - info.inHeight - padInfo.top;
  const right = (info.outWidth - 1) * info.strideWidth + info.filterWidth - info.inWidth - padInfo.left;
  const fits = (before: number, after: number, window: number, stride: number): boolean =>
    before < window && after < window && after > -stride;
  if (!fits(padInfo.top, bottom, info.filterHeight, info.strideHeight)) return undefined;
  if (!fits(padInfo.left, right, info.filterWidth, info.strideWidth)) return undefined;
  return Int32Array.of(
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.filterHeight,
    info.filterWidth,
    info.outChannels,
    info.outHeight,
    info.outWidth,
    info.strideHeight,
    info.strideWidth,
    padInfo.top,
    padInfo.left,
    bottom,
    right,
  );
}

function forward(call: KernelCall, geometry: Geometry | undefined, relu: boolean): TensorInfo | undefined {
  const { backend, inputs } = call;
  const x = geometry && backend.floats(requiredInput(call, 'x'));
  const filter = backend.floats(requiredInput(call, 'filter'));
  const bias = inputs.bias;
  const biasValues = bias ? backend.floats(bias) : null;
  if (!geometry?.packed || !x || !filter || biasValues === undefined) return undefined;
  if (biasValues && biasValues.length !== geometry.info.outChannels) return undefined;
  const out = backend.allocate(geometry.info.outShape);
  backend.binding.convolution(x, filter, biasValues, out.values, geometry.packed, relu);
  return out.info;
}

/** Undefined where it does not have the shape of the output, which the cpu kernels tolerate. */
function outputGradient(call: KernelCall, geometry: Geometry | undefined): Float32Array | undefined {
  const dy = requiredInput(call, 'dy');
  return geometry && sameShape(dy.shape, geometry.info.outShape) ? call.backend.floats(dy) : undefined;
}

function backwardInput(call: KernelCall, geometry: Geometry | undefined): TensorInfo | undefined {
  const { backend } = call;
  const dy = outputGradient(call, geometry);
  const filter = backend.floats(requiredInput(call, 'filter'));
  if (!geometry?.packed || !dy || !filter) return undefined;
  const dx = backend.allocate(geometry.info.inShape);
  backend.binding.convolutionBackwardInput(dy, filter, dx.values, geometry.packed);
  return dx.info;
}

function backwardFilter(call: KernelCall, geometry: Geometry | undefined): TensorInfo | undefined {
  const { backend } = call;
  const x = geometry && backend.floats(requiredInput(call, 'x'));
  const dy = outputGradient(call, geometry);
  if (!geometry?.packed || !x || !dy) return undefined;
  const dFilter = backend.allocate(geometry.info.filterShape);
  backend.binding.convolutionBackwardFilter(x, dy, dFilter.values, geometry.packed);
  return dFilter.info;
}
