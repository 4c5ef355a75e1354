import type { Gathered } from '../../src/engine/stage/index.ts';

/** A gathered value of a checkpoint. */
export const gatheredAt = <T>(architecture: string, seed: number, epoch: number, value: T): Gathered<T> => ({
  coordinates: { architecture, seed, epoch },
  value,
});
