import { Failure, type Gathered } from '../../src/engine/stage/index.ts';
import type { GradientNoise } from '../../src/sgd/statistics/gradient-noise.ts';
import type { GroupStatistics } from '../../src/sgd/statistics/group-statistics.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';

/** The results of the stage that estimates from sampled gradients. */
export interface SampleStatistics extends DirectionalStatistics, GradientNoise {
  /** Of the directions of whole gradients; null where a sample has too few to tell. */
  readonly effectiveDimension: number | null;
  readonly groups: readonly GroupStatistics[];
}

/** The results of a stage that evaluates weights on a data set split. */
export interface EvaluationMetrics {
  readonly examples: number;
  readonly loss: number;
  /** A fraction of 1. */
  readonly accuracy: number;
}

/** A gathered artefact with the coordinates of its run and checkpoint. */
export interface Checkpoint<T> {
  readonly architecture: string;
  readonly seed: number;
  readonly epoch: number;
  readonly value: T;
}

/** The same text for everything that was measured of one run at one epoch. */
export function placeOf({ architecture, seed, epoch }: Omit<Checkpoint<unknown>, 'value'>): string {
  return JSON.stringify([architecture, seed, epoch]);
}

/**
 * Reads gathered artefacts of runs' checkpoints.
 *
 * @param input names the input in a failure
 * @throws {Failure} kind `stage` when nothing is gathered, or a node is not at an architecture, seed and epoch
 */
export function checkpointsOf<T>(input: string, gathered: readonly Gathered<T>[]): Checkpoint<T>[] {
  if (gathered.length === 0) {
    throw new Failure('stage', {
      fact: `the input "${input}" gathers nothing, so that there is nothing to tabulate`,
      fix: `bind "${input}" to at least one checkpoint`,
    });
  }
  return gathered.map(({ coordinates, value }) => {
    const { architecture, seed, epoch } = coordinates;
    if (typeof architecture === 'string' && typeof seed === 'number' && typeof epoch === 'number') {
      return { architecture, seed, epoch, value };
    }
    throw new Failure('stage', {
      fact: `the input "${input}" gathers a node at ${JSON.stringify(coordinates)}, without architecture, seed and epoch`,
      fix: `bind "${input}" to a stage with the coordinates architecture (text), seed and epoch (numbers)`,
    });
  });
}
