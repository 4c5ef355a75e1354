import { lengthOf, moved, resultantSlope, sumOf, toleratedDeviation, unit, unitsTowards } from '../minimisers.ts';
import type { RandomSource } from '../sampler.ts';

/** A step from w by εv, and the length of the sum of the unit vectors towards the minimisers p_j. */
export interface StepCheck {
  /** ‖Σ unit(p_j − w − εv)‖ / ‖Σ unit(p_j − w)‖: below 1 where the sum gets shorter. */
  readonly ratio: number;
  /** ‖u − v‖, where u = Σ unit(p_j − w). */
  readonly deviation: number;
  /** ξ: the largest deviation in Theorem 3. */
  readonly tolerated: number;
}

/** ε is this share of the distance to the nearest minimiser: small enough for the first order, and far above rounding. */
const SMALL = 1e-3;

/** Steps from the origin; `direction` is v. */
export function checkStep(points: readonly (readonly number[])[], direction: readonly number[]): StepCheck {
  const from = direction.map(() => 0);
  const resultantAt = (w: readonly number[]) => sumOf(unitsTowards(points, w));
  const u = resultantAt(from);
  const epsilon = (SMALL * Math.min(...points.map(lengthOf))) / lengthOf(direction);
  return {
    ratio: lengthOf(resultantAt(moved(from, direction, epsilon))) / lengthOf(u),
    deviation: lengthOf(moved(u, direction, -1)),
    tolerated: toleratedDeviation(points, from),
  };
}

/** u = Σ unit(p_j), the direction of Lemma 2 from the origin. */
export function resultantOf(points: readonly (readonly number[])[]): readonly number[] {
  return sumOf(points.map(unit));
}

/** How far f′(0) of Lemma 2 is from the central difference of f(ε) = ‖Σ unit(p_j − εu)‖², relative. */
export function slopeError(points: readonly (readonly number[])[]): number {
  const u = resultantOf(points);
  const from = u.map(() => 0);
  const step = (1e-4 * Math.min(...points.map(lengthOf))) / lengthOf(u);
  const f = (epsilon: number) => lengthOf(sumOf(unitsTowards(points, moved(from, u, epsilon)))) ** 2;
  const slope = resultantSlope(points, from);
  return Math.abs((f(step) - f(-step)) / (2 * step) - slope) / Math.abs(slope);
}

/** Minimisers that are normal about a point at the given distance from the origin. */
export function randomMinimisers(
  dimension: number,
  count: number,
  distance: number,
  random: RandomSource,
): readonly (readonly number[])[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: dimension }, (_, axis) => random.normal() + (axis === 0 ? distance : 0)),
  );
}

/** u with a random vector of the given length added to it. */
export function deflected(u: readonly number[], length: number, random: RandomSource): readonly number[] {
  return moved(u, unit(u.map(() => random.normal())), length);
}

/**
 * Coordinates of vectors with the given inner products, as the rows of the Cholesky factor. Lengths, angles and sums of vectors of R^d
 * are then those of short vectors.
 */
export function coordinatesOf(gram: readonly (readonly number[])[]): number[][] {
  const rows: number[][] = [];
  for (const [i, products] of gram.entries()) {
    const row = gram.map(() => 0);
    for (let j = 0; j <= i; j++) {
      const other = j === i ? row : (rows[j] as number[]);
      let rest = products[j] as number;
      for (let k = 0; k < j; k++) rest -= (row[k] as number) * (other[k] as number);
      const pivot = other[j] as number;
      // A vector that depends on earlier ones, up to rounding, has no coordinate of its own.
      if (j === i) row[j] = rest > 1e-12 * (products[i] as number) ? Math.sqrt(rest) : 0;
      else row[j] = pivot === 0 ? 0 : rest / pivot;
    }
    rows.push(row);
  }
  return rows;
}
