import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnednnBinding } from '../binding.ts';
import { type KernelCall, type NativeKernels, requiredInput, sizeOf } from './native-kernel.ts';

export const reductionKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  Sum: (call: KernelCall) =>
    reduce(
      call,
      'axis',
      sumBy(() => 1),
    ),
  Mean: (call: KernelCall) =>
    reduce(
      call,
      'axis',
      sumBy((reduced) => 1 / reduced),
    ),
  Max: (call: KernelCall) => reduce(call, 'reductionIndices', maximum),
});

/** A tensor seen as [outer, reduced, inner]. */
interface Blocks {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}

type Reduction = (binding: OnednnBinding, x: Float32Array, out: Float32Array, blocks: Blocks) => void;

function sumBy(factorOf: (reduced: number) => number): Reduction {
  return (binding, x, out, { outer, reduced, inner }) => binding.sum(x, out, outer, reduced, inner, factorOf(reduced));
}

const maximum: Reduction = (binding, x, out, { outer, reduced, inner }) =>
  binding.maximum(x, out, outer, reduced, inner);

function reduce(call: KernelCall, axisAttribute: string, reduction: Reduction): TensorInfo | undefined {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const axes = axesOf(attrs[axisAttribute] as number | number[] | null | undefined, x.shape.length);
  const blocks = axes && blocksOf(x.shape, axes);
  const values = blocks && backend.floats(x);
  if (!values) return undefined;
  const shape = x.shape
    .map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    .filter((_, axis) => attrs.keepDims === true || !axes.includes(axis));
  const out = backend.allocate(shape);
  reduction(backend.binding, values, out.values, blocks);
  return out.info;
}

/** The axes as non-negative numbers; undefined for a missing one, which the cpu kernel reports. */
function axesOf(axis: number | readonly number[] | null | undefined, rank: number): readonly number[] | undefined {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = [axis].flat().map((a) => (a < 0 ? a + rank : a));
  return axes.every((a) => Number.isInteger(a) && a >= 0 && a < rank) ? axes : undefined;
}

/** Undefined where a kept axis lies between reduced ones. */
function blocksOf(shape: readonly number[], axes: readonly number[]): Blocks | undefined {
  const matters = axes.filter((axis) => shape[axis] !== 1);
  const first = Math.min(...matters);
  const last = Math.max(...matters);
  if (matters.length === 0) return { outer: sizeOf(shape), reduced: 1, inner: 1 };
  const kept = shape.some((extent, axis) => axis > first && axis < last && extent !== 1 && !matters.includes(axis));
  if (kept) return undefined;
  return {
    outer: sizeOf(shape.slice(0, first)),
    reduced: sizeOf(shape.slice(first, last + 1)),
    inner: sizeOf(shape.slice(last + 1)),
  };
}
