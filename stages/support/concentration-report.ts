import { banerjeeConcentration } from '../../src/sgd/statistics/concentration.ts';

/**
 * Reports κ̂ of the first minibatches of a sample as the metric `kappa`, and as `noiseFloor` its value for directions without any preference. A κ̂ near the floor says
 * that more minibatches are needed.
 */
export function concentrationReport(
  dimension: number,
  metric: (name: string, value: number, step: number) => void,
): (samples: number, resultant: number) => void {
  return (samples, resultant) => {
    // What has no κ̂ fails the stage that estimates it, and not the report.
    if (dimension < 2 || Number.isNaN(resultant)) return;
    metric('kappa', banerjeeConcentration(dimension, Math.min(1, resultant / samples)), samples);
    if (samples > 1) metric('noiseFloor', banerjeeConcentration(dimension, 1 / Math.sqrt(samples)), samples);
  };
}
