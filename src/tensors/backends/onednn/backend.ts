import type { BackendValues, DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../identity.ts';
import type { OnednnBinding } from './binding.ts';
import { BufferPool, type PooledBuffer } from './buffers.ts';
import { GradientAccumulator, gradientMoments } from './gradient-accumulator.ts';
import { OnednnMatrices } from './matrices.ts';
import { createStorage, type DataId, type TensorData, type TrackedStorage } from './storage.ts';

/** The part of the cpu backend's class that this one extends; `@tensorflow/tfjs` does not export it. */
interface CpuBackend extends KernelBackend {
  data: TrackedStorage;
  /** Whether the banner that recommends tfjs-node is still to come. */
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: DataType, values?: BackendValues): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
}

/** The backend as native kernels see it. */
export interface OnednnBackend extends CpuBackend {
  readonly binding: OnednnBinding;
  /** Linear algebra on arrays. */
  readonly matrices: OnednnMatrices;
  /**
   * The values of a float32 tensor for the kernel that asks; undefined for a tensor of another type,
   * without elements, or of a size that the native kernels cannot address.
   */
  floats(info: TensorInfo): Float32Array | undefined;
  /** A new float32 tensor with undefined contents, and its memory. */
  allocate(shape: readonly number[]): { readonly info: TensorInfo; readonly values: Float32Array };
  /** A new tensor, for one more reference to the same data. */
  share(info: TensorInfo, shape: readonly number[], dtype: DataType): TensorInfo;
  /** One more hold on a float32 tensor's present memory, copied if it is not the backend's own; undefined as in `floats`. */
  hold(info: TensorInfo): PooledBuffer | undefined;
  /** A new float32 tensor of which only a recipe is known. */
  defer(shape: readonly number[], pending: NonNullable<TensorData['pending']>): TensorInfo;
  /** Copies a float32 tensor's values into `target` at `offset`; its memory stays the backend's own. */
  copyTo(info: TensorInfo, target: Float32Array, offset: number): void;
  /** The rows of `bytes` at `indices`, divided by 255, as a float32 tensor of this shape. */
  gatherScaled(bytes: Uint8Array, indices: Uint32Array, shape: readonly number[]): TensorInfo;
  /** Streaming sums over sampled gradients of d elements. */
  gradientAccumulator(dimension: number): GradientAccumulator;
  /** ‖g‖ and ⟨u, g⟩ of a gradient: its float32 tensors, in the order in which they make the flattened one. */
  gradientMoments(
    gradient: readonly TensorInfo[],
    direction: Float32Array,
  ): { readonly norm: number; readonly product: number };
}

/** Native kernels get extents, strides and offsets as 32-bit integers. */
const MAXIMUM_SIZE = 2 ** 31 - 1;

/**
 * Makes the backend: the cpu backend, which serves all kernels without a native version, with memory that native
 * kernels share.
 */
export function createBackend(tf: TensorFlow, binding: OnednnBinding): OnednnBackend {
  const cpu = tf.findBackendFactory('cpu')() as CpuBackend;
  const CpuBackendClass = cpu.constructor as new () => CpuBackend;

  class Backend extends CpuBackendClass implements OnednnBackend {
    readonly binding = binding;
    readonly #pool = new BufferPool(binding);
    readonly matrices = new OnednnMatrices(binding, this.#pool);

    constructor() {
      super();
      this.firstUse = false;
      this.data = createStorage(tf, this, (data) => this.#complete(data));
    }

    floats({ dataId, dtype }: TensorInfo): Float32Array | undefined {
      if (dtype !== 'float32') return undefined;
      const data = this.data.peek(dataId);
      if (data.pending) this.#complete(data);
      const { values } = data;
      if (values.length === 0 || values.length > MAXIMUM_SIZE) return undefined;
      // A cast to float32 by a cpu kernel keeps the Int32Array or Uint8Array that it casts.
      return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
    }

    allocate(shape: readonly number[]): { readonly info: TensorInfo; readonly values: Float32Array } {
      const buffer = this.#pool.take(tf.util.sizeFromShape([...shape]));
      return { info: this.#store(shape, buffer.values, { buffer }), values: buffer.values };
    }

    share({ dataId }: TensorInfo, shape: readonly number[], dtype: DataType): TensorInfo {
      this.incRef(dataId);
      return { dataId, shape: [...shape], dtype };
    }

    hold(info: TensorInfo): PooledBuffer | undefined {
      const values = this.floats(info);
      if (values === undefined) return undefined;
      const { buffer } = this.data.peek(info.dataId);
      if (buffer?.isHidden) return buffer.hold();
      const copy = this.#pool.take(values.length);
      copy.values.set(values);
      return copy;
    }

    defer(shape: readonly number[], pending: NonNullable<TensorData['pending']>): TensorInfo {
      return this.#store(shape, NO_VALUES, { pending });
    }

    copyTo(info: TensorInfo, target: Float32Array, offset: number): void {
      const values = this.floats(info);
      if (values === undefined) throw new TypeError('only a float32 tensor with elements can be copied');
      target.set(values, offset);
    }

    gatherScaled(bytes: Uint8Array, indices: Uint32Array, shape: readonly number[]): TensorInfo {
      const { info, values } = this.allocate(shape);
      binding.gatherScaled(bytes, indices, values.length / indices.length, values);
      return info;
    }

    gradientAccumulator(dimension: number): GradientAccumulator {
      return new GradientAccumulator(this, dimension);
    }

    gradientMoments(gradient: readonly TensorInfo[], direction: Float32Array) {
      return gradientMoments(this, gradient, direction);
    }

    #store(
      shape: readonly number[],
      values: Float32Array,
      origin: Partial<Pick<TensorData, 'buffer' | 'pending'>>,
    ): TensorInfo {
      const dataId: DataId = {};
      this.data.set(dataId, { values, dtype: 'float32', refCount: 1, ...origin });
      return { dataId, shape: [...shape], dtype: 'float32' };
    }

    #complete(data: TensorData): void {
      const { pending } = data;
      if (pending === undefined) return;
      const buffer = this.#pool.take(pending.size);
      pending.addTo(binding, 1, 0, buffer.values);
      pending.release();
      delete data.pending;
      data.buffer = buffer;
      data.values = buffer.values;
    }

    // Counting references reads no values, so these four do without `data.get`, which would expose the memory.

    override refCount(dataId: DataId): number {
      return this.data.has(dataId) ? this.data.peek(dataId).refCount : 0;
    }

    override incRef(dataId: DataId): void {
      this.data.peek(dataId).refCount++;
    }

    decRef(dataId: DataId): void {
      if (this.data.has(dataId)) this.data.peek(dataId).refCount--;
    }

    override disposeData(dataId: DataId, force = false): boolean {
      if (!this.data.has(dataId)) return true;
      const data = this.data.peek(dataId);
      data.refCount--;
      if (!force && data.refCount > 0) return false;
      if (data.complexTensorInfos) {
        this.disposeData(data.complexTensorInfos.real.dataId, true);
        this.disposeData(data.complexTensorInfos.imag.dataId, true);
      }
      data.pending?.release();
      data.buffer?.release();
      this.data.delete(dataId);
      return true;
    }
  }
  return new Backend();
}

const NO_VALUES = new Float32Array(0);
