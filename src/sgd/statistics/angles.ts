const DEGREES_PER_RADIAN = 180 / Math.PI;

/** The angle in degrees between two vectors, from the cosine ⟨u, v⟩ / (‖u‖ ‖v‖); rounding beyond ±1 is clipped. */
export function angleInDegrees(cosine: number): number {
  return DEGREES_PER_RADIAN * Math.acos(Math.min(1, Math.max(-1, cosine)));
}

/** Standard deviation in degrees, (180/π)/√d, of the limit that {@link asymptoticAngleDensity} describes. */
export function asymptoticAngleDeviation(dimension: number): number {
  return DEGREES_PER_RADIAN / Math.sqrt(dimension);
}

/**
 * Density per degree of N(90, (180/π)²/d): the limit for d → ∞ of the angle between a fixed and a uniformly random unit
 * vector of R^d (the paper's Theorem 2).
 */
export function asymptoticAngleDensity(dimension: number, degrees: number): number {
  const deviation = asymptoticAngleDeviation(dimension);
  const standardized = (degrees - 90) / deviation;
  return Math.exp(-0.5 * standardized * standardized) / (deviation * Math.sqrt(2 * Math.PI));
}
