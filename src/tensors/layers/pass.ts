import type { Recorder } from '../tape/tape.ts';
import type { Tensor, Tensor1D } from '../tensorflow.ts';

/** Mean and biased variance of each channel of a batch, [channels] each, over `count` values. */
export interface BatchStatistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  readonly count: number;
}

/** How batch normalisation gets its statistics. */
export type Phase =
  | {
      readonly kind: 'training';
      /** Called with each layer's batch statistics during the forward pass, which disposes them; undefined to freeze the running ones. */
      readonly observe?: (layer: string, statistics: BatchStatistics) => void;
    }
  | { readonly kind: 'inference' };

/** What every layer of a forward pass shares. */
export interface Pass {
  readonly recorder: Recorder;
  readonly phase: Phase;
  /** The value of a variable by its name. It outlives the backward pass. */
  variable(name: string): Tensor;
}
