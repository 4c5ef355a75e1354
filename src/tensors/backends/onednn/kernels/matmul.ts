import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnednnBackend } from '../backend.ts';
import { PendingProduct } from '../pending-product.ts';
import { broadcastOf } from './broadcast.ts';
import { type KernelCall, type NativeKernels, requiredInput, sameShape, sizeOf } from './native-kernel.ts';

export const matmulKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  BatchMatMul: batchMatMul,
  _FusedMatMul: fusedMatMul,
});

/** The extents of op(a)·op(b) with leading batch axes. */
interface Extents {
  readonly shape: readonly number[];
  readonly batch: number;
  readonly batchA: number;
  readonly batchB: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function extentsOf(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): Extents | undefined {
  const batchShapeA = a.shape.slice(0, -2);
  const batchShapeB = b.shape.slice(0, -2);
  const batchA = sizeOf(batchShapeA);
  const batchB = sizeOf(batchShapeB);
  // Matrices pair up in order, or one matrix is multiplied by all of the other side, as in the addon and the cpu kernel.
  if (!sameShape(batchShapeA, batchShapeB) && batchA !== 1 && batchB !== 1) return undefined;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [innerB, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  // The cpu kernel reports the error.
  if (k !== innerB) return undefined;
  const batchShape = broadcastOf(batchShapeA, batchShapeB)?.shape;
  return batchShape && { shape: [...batchShape, m, n], batch: Math.max(batchA, batchB), batchA, batchB, m, n, k };
}

/** A product of m·n elements is postponed when its operands are this much smaller. */
const DEFERRED_IF_INNER_EXTENT_TIMES = 4;
const DEFERRED_IF_AT_LEAST = 65_536;

function batchMatMul(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs } = call;
  const a = requiredInput(call, 'a');
  const b = requiredInput(call, 'b');
  const transposeA = attrs.transposeA === true;
  const transposeB = attrs.transposeB === true;
  const extents = extentsOf(a, b, transposeA, transposeB);
  if (extents === undefined) return undefined;
  const { shape, batch, m, n, k } = extents;
  const thin = k * DEFERRED_IF_INNER_EXTENT_TIMES <= Math.min(m, n) && m * n >= DEFERRED_IF_AT_LEAST;
  if (transposeA && !transposeB && batch === 1 && thin) {
    const heldA = backend.hold(a);
    const heldB = heldA && backend.hold(b);
    if (heldA && heldB) {
      return backend.defer(shape, new PendingProduct(transposeA, transposeB, m, n, k, heldA, heldB));
    }
    heldA?.release();
    return undefined;
  }
  return product(backend, a, b, transposeA, transposeB, extents);
}

function product(
  backend: OnednnBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  { shape, batch, batchA, batchB, m, n, k }: Extents,
): TensorInfo | undefined {
  const valuesA = backend.floats(a);
  const valuesB = backend.floats(b);
  if (valuesA === undefined || valuesB === undefined) return undefined;
  const out = backend.allocate(shape);
  const { binding } = backend;
  if (batch === 1) binding.gemm(transposeA, transposeB, m, n, k, 1, valuesA, valuesB, 0, out.values);
  else {
    binding.batchedGemm(transposeA, transposeB, batch, batchA, batchB, m, n, k, valuesA, valuesB, out.values);
  }
  return out.info;
}

function fusedMatMul(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs, inputs } = call;
  const a = requiredInput(call, 'a');
  const b = requiredInput(call, 'b');
  const activation = attrs.activation ?? 'linear';
  if (activation !== 'linear' && activation !== 'relu') return undefined;
  const transposeA = attrs.transposeA === true;
  const transposeB = attrs.transposeB === true;
  const extents = extentsOf(a, b, transposeA, transposeB);
  if (extents === undefined) return undefined;
  const bias = inputs.bias;
  const biasValues = bias && backend.floats(bias);
  const biasBroadcast = bias && broadcastOf(extents.shape, bias.shape);
  if (bias && (biasValues === undefined || !biasBroadcast || !sameShape(biasBroadcast.shape, extents.shape))) {
    return undefined;
  }
  let result = product(backend, a, b, transposeA, transposeB, extents);
  if (result === undefined) return undefined;
  const valuesOf = (info: TensorInfo): Float32Array => backend.floats(info) as Float32Array;
  if (biasValues && biasBroadcast) {
    const sum = backend.allocate(extents.shape);
    backend.binding.add(valuesOf(result), biasValues, sum.values, biasBroadcast.layout);
    backend.disposeIntermediateTensorInfo(result);
    result = sum.info;
  }
  if (activation === 'relu') {
    const values = valuesOf(result);
    backend.binding.reluInPlace(values, values.length);
  }
  return result;
}
