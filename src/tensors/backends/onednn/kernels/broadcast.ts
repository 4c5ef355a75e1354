import { sameShape, sizeOf } from './native-kernel.ts';

/** The broadcast of two tensors: the shape of the result, and the layout argument of the addon. */
interface Broadcast {
  readonly shape: readonly number[];
  readonly layout: Int32Array;
}

/** Extents and strides that the addon takes. */
const AXES = 4;

const known = /* @__PURE__ */ new Map<string, Broadcast | undefined>();

/**
 * The broadcast of two shapes by NumPy's rules, with neighbouring axes merged where both operands run through them in one
 * go; undefined where the shapes do not fit together or need more than four axes.
 */
export function broadcastOf(a: readonly number[], b: readonly number[]): Broadcast | undefined {
  const key = `${a}|${b}`;
  if (!known.has(key)) known.set(key, compute(a, b));
  return known.get(key);
}

function compute(a: readonly number[], b: readonly number[]): Broadcast | undefined {
  if (sameShape(a, b)) return { shape: a, layout: layoutOf([{ extent: sizeOf(a), strideA: 1, strideB: 1 }]) };
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  const axes: Axis[] = [];
  let strideA = 1;
  let strideB = 1;
  for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
    const extentA = a[a.length - fromEnd] ?? 1;
    const extentB = b[b.length - fromEnd] ?? 1;
    if (extentA !== extentB && extentA !== 1 && extentB !== 1) return undefined;
    const extent = extentA === 1 ? extentB : extentA;
    shape.unshift(extent);
    if (extent !== 1) {
      const axis = { extent, strideA: extentA === 1 ? 0 : strideA, strideB: extentB === 1 ? 0 : strideB };
      const inner = axes[0];
      if (inner && continues(axis.strideA, inner.strideA, inner) && continues(axis.strideB, inner.strideB, inner)) {
        inner.extent *= extent;
      } else {
        axes.unshift(axis);
      }
    }
    strideA *= extentA;
    strideB *= extentB;
  }
  return axes.length > AXES ? undefined : { shape, layout: layoutOf(axes) };
}

interface Axis {
  extent: number;
  readonly strideA: number;
  readonly strideB: number;
}

/** Whether an axis of this stride goes on where the inner axis ends. */
function continues(stride: number, innerStride: number, { extent }: Axis): boolean {
  return stride === innerStride * extent;
}

function layoutOf(axes: readonly Axis[]): Int32Array {
  const layout = new Int32Array(3 * AXES);
  for (let axis = 0; axis < AXES; axis++) {
    const { extent, strideA, strideB } = axes[axis - (AXES - axes.length)] ?? { extent: 1, strideA: 0, strideB: 0 };
    layout[axis] = extent;
    layout[AXES + axis] = strideA;
    layout[2 * AXES + axis] = strideB;
  }
  return layout;
}
