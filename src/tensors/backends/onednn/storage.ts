import type { BackendValues, DataStorage, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../identity.ts';
import type { PooledBuffer } from './buffers.ts';
import type { PendingProduct } from './pending-product.ts';

export type DataId = TensorInfo['dataId'];

/** The backend's entry for a tensor's data; cpu kernels read the first four fields. */
export interface TensorData {
  values: BackendValues;
  readonly dtype: DataType;
  refCount: number;
  readonly complexTensorInfos?: { readonly real: TensorInfo; readonly imag: TensorInfo };
  /** The pooled memory that `values` is the array of; absent where JavaScript or a cpu kernel made the array. */
  buffer?: PooledBuffer;
  /** Set as long as the data are not computed yet, and `values` is empty. */
  pending?: PendingProduct;
}

/** The engine's store of tensor data, which distinguishes readers: `peek` is for native kernels, `get` for everybody else. */
export interface TrackedStorage extends DataStorage<TensorData> {
  /** The entry itself, perhaps not computed yet. A reader of its memory keeps no reference to it. */
  peek(dataId: DataId): TensorData;
}

/** @param complete computes the data of an entry that is pending. */
export function createStorage(
  tf: TensorFlow,
  backend: ConstructorParameters<typeof DataStorage>[0],
  complete: (data: TensorData) => void,
): TrackedStorage {
  class Storage extends tf.DataStorage<TensorData> {
    override get(dataId: DataId): TensorData {
      const data = super.get(dataId);
      if (data?.pending) complete(data);
      // A cpu kernel may make a tensor that shares this array (Slice, Cast), and dataSync returns it.
      data?.buffer?.expose();
      return data;
    }

    peek(dataId: DataId): TensorData {
      return super.get(dataId);
    }
  }
  return new Storage(backend, tf.engine());
}
