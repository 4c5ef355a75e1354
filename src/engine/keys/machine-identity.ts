import type { ComputeIdentity } from '../stage/stage.ts';

/** What a machine computes with, as far as keys name it. */
export interface MachineIdentity {
  /** What the compute provider says; null where no stage asks it. */
  readonly compute: ComputeIdentity | null;
  /** The value of `gpuIdentity`. */
  readonly gpus: string;
}
