/**
 * What a stage computes with, as it enters the keys of nodes. It has the structure of the engine's `ComputeIdentity`,
 * which this package does not import.
 */
export interface ComputeIdentity {
  readonly backend: string;
  readonly version: string;
  readonly threads: number;
}

/** The namespace of `@tensorflow/tfjs-core`, with a backend set. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

/** Whether a backend can run here. The answer does not load TensorFlow.js, which takes half a second. */
export type Availability =
  | {
      readonly kind: 'available';
      /** Everything that can change a bit of a result: package versions, instruction set, digest of native code. */
      readonly version: string;
      /** Threads that the backend can use; more are not requested, so that they are in no key. */
      readonly maximumThreads: number;
    }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly fix: string };

/** One known backend, as `resolveCompute` and `listBackends` see it. */
export interface Backend {
  readonly name: string;
  /** Whether `auto` may take it. */
  readonly automatic: boolean;
  /** @param fromDirectory the pipeline's folder, whose `node_modules` count */
  availability(fromDirectory: string): Availability;
}
