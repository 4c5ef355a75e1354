/**
 * With what a stage computes, as it enters the keys of nodes. Structurally the `ComputeIdentity` of the stage contract,
 * which an island may not import.
 */
export interface ComputeIdentity {
  readonly backend: string;
  readonly version: string;
  readonly threads: number;
}

/** The namespace of `@tensorflow/tfjs-core`, with a backend set. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

/** Whether a backend can run here. Found out without loading TensorFlow.js, which takes half a second. */
export type Availability =
  | {
      readonly kind: 'available';
      /** All that can change a bit of a result: package versions, instruction set, digest of native code. */
      readonly version: string;
      /** Threads that the backend can make use of; more are not asked for, so that they are not in any key. */
      readonly maximumThreads: number;
    }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly fix: string };

/** One known backend, as `resolveCompute` and `listBackends` see it. */
export interface Backend {
  readonly name: string;
  /** Whether `auto` may take it. */
  readonly automatic: boolean;
  /** @param fromDirectory the pipeline's folder, whose `node_modules` count. */
  availability(fromDirectory: string): Availability;
}
