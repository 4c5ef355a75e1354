/**
 * Reports κ̂ of the first minibatches of a sample as the metric `kappa`, and as `noiseFloor` its value for directions without any preference. A κ̂ near the floor says
 * that more minibatches are needed.
 */
export function concentrationReport(
  dimension: number,
  metric: (name: string, value: number, step: number) => void,
): (samples: number, resultant: number) => void {
  return (samples, resultant) => {
    metric('kappa', concentration(dimension, Math.min(1, resultant / samples)), samples);
    if (samples > 1) metric('noiseFloor', concentration(dimension, 1 / Math.sqrt(samples)), samples);
  };
}

/**
 * κ̂ = r̄ (d − r̄²) / (1 − r̄²), as in `src/sgd/statistics/concentration.ts`. That file would be in the code of `sample`, and each edit of the estimates would make all
 * samples stale.
 */
function concentration(dimension: number, r: number): number {
  return (r * (dimension - r * r)) / ((1 - r) * (1 + r));
}
