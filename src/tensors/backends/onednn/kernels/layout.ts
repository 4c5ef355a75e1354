import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, type NativeKernels, requiredInput, sizeOf } from './native-kernel.ts';

/** Kernels that only move elements. */
export const layoutKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  Transpose: transpose,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
});

/** Axes that the addon copies over. */
const AXES = 6;

interface Axis {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

/** The layout argument of `stridedCopy`; undefined when there are too many axes, or the last one of the result is not contiguous. */
function layoutOf(axes: readonly Axis[], fromOffset: number, toOffset: number): Int32Array | undefined {
  const merged: Axis[] = [];
  for (const axis of [...axes].reverse()) {
    if (axis.extent === 1) continue;
    const inner = merged[0];
    if (inner && axis.from === inner.from * inner.extent && axis.to === inner.to * inner.extent) {
      merged[0] = { ...inner, extent: inner.extent * axis.extent };
    } else {
      merged.unshift(axis);
    }
  }
  const last = merged.at(-1);
  if (merged.length > AXES || (last && last.to !== 1)) return undefined;
  const layout = new Int32Array(3 * AXES + 2);
  for (let axis = 0; axis < AXES; axis++) {
    const { extent, from, to } = merged[axis - (AXES - merged.length)] ?? { extent: 1, from: 1, to: 1 };
    layout.set([extent], axis);
    layout.set([from], AXES + axis);
    layout.set([to], 2 * AXES + axis);
  }
  layout.set([fromOffset, toOffset], 3 * AXES);
  return layout;
}

function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function copied(
  call: KernelCall,
  shape: readonly number[],
  layout: Int32Array | undefined,
  fill?: number,
): TensorInfo | undefined {
  const { backend } = call;
  const values = layout && backend.floats(requiredInput(call, 'x'));
  if (!values || sizeOf(shape) === 0) return undefined;
  const out = backend.allocate(shape);
  if (fill !== undefined) out.values.fill(fill);
  backend.binding.stridedCopy(values, out.values, layout);
  return out.info;
}

function transpose(call: KernelCall): TensorInfo | undefined {
  const x = requiredInput(call, 'x');
  const permutation = call.attrs.perm as number[];
  const shape = permutation.map((axis) => x.shape[axis] as number);
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  const axes = permutation.map((axis, i) => ({
    extent: shape[i] as number,
    from: from[axis] as number,
    to: to[i] as number,
  }));
  return copied(call, shape, layoutOf(axes, 0, 0));
}

function slice(call: KernelCall): TensorInfo | undefined {
  const x = requiredInput(call, 'x');
  const rank = x.shape.length;
  const begin = expand(call.attrs.begin as number | number[], rank, () => 0);
  const size = expand(call.attrs.size as number | number[], rank, () => -1).map((extent, axis) =>
    extent === -1 ? (x.shape[axis] as number) - (begin[axis] as number) : extent,
  );
  const fits = size.every((extent, axis) => {
    const first = begin[axis] as number;
    return first >= 0 && extent >= 0 && first + extent <= (x.shape[axis] as number);
  });
  if (!fits) return undefined;
  const from = stridesOf(x.shape);
  const to = stridesOf(size);
  const axes = size.map((extent, axis) => ({ extent, from: from[axis] as number, to: to[axis] as number }));
  const offset = begin.reduce((sum, first, axis) => sum + first * (from[axis] as number), 0);
  return copied(call, size, layoutOf(axes, offset, 0));
}

/** One number for the first axis, or some for the first axes; the rest is `otherwise`. */
function expand(given: number | readonly number[], rank: number, otherwise: () => number): number[] {
  const first = [given].flat();
  return Array.from({ length: rank }, (_, axis) => first[axis] ?? otherwise());
}

function pad(call: KernelCall): TensorInfo | undefined {
  const x = requiredInput(call, 'x');
  const paddings = call.attrs.paddings as [number, number][];
  const shape = paddings.map(([before, after], axis) => before + (x.shape[axis] as number) + after);
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  const axes = x.shape.map((extent, axis) => ({ extent, from: from[axis] as number, to: to[axis] as number }));
  const offset = paddings.reduce((sum, [before], axis) => sum + before * (to[axis] as number), 0);
  return copied(call, shape, layoutOf(axes, 0, offset), call.attrs.constantValue as number);
}

function tile(call: KernelCall): TensorInfo | undefined {
  const x = requiredInput(call, 'x');
  const repeats = call.attrs.reps as number[];
  if (repeats.length !== x.shape.length) return undefined;
  const shape = repeats.map((count, axis) => count * (x.shape[axis] as number));
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  // Each axis is two: the copies, which do not move in x, and the elements.
  const axes = repeats.flatMap((count, axis) => {
    const extent = x.shape[axis] as number;
    const stride = to[axis] as number;
    return [
      { extent: count, from: 0, to: extent * stride },
      { extent, from: from[axis] as number, to: stride },
    ];
  });
  return copied(call, shape, layoutOf(axes, 0, 0));
}
