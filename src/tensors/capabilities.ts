import type { OnednnBackend } from './backends/onednn/backend.ts';
import type { TensorFlow, TensorInfo } from './tensorflow.ts';

/** What a backend may have beyond TensorFlow.js's interface. Callers compute in another way where it is missing. */
type Capabilities = Pick<
  OnednnBackend,
  'matrices' | 'copyTo' | 'gatherScaled' | 'gradientAccumulator' | 'gradientMoments'
> & {
  /** wasm's: a tensor's values in place. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
};

/** The backend in use, if it has something more than TensorFlow.js asks of a backend; undefined if it has not. */
export function backendWith<Name extends keyof Capabilities>(
  tf: TensorFlow,
  name: Name,
): Pick<Capabilities, Name> | undefined {
  const backend: object = tf.backend();
  return name in backend ? (backend as Capabilities) : undefined;
}

/** Whether the backend in use has a kernel. */
export function hasKernel(tf: TensorFlow, name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
