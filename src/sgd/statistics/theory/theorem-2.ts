import { type RandomSource, uniformDirection } from '../sampler.ts';

/** The angle of Theorem 2, standardised: z = √d (θ − 90°) π/180, which tends to a standard normal. */
export function standardisedAngles(dimension: number, count: number, random: RandomSource): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const u = uniformDirection(dimension, random);
    const v = uniformDirection(dimension, random);
    const cosine = u.reduce((sum, component, i) => sum + component * (v[i] as number), 0);
    return -Math.sqrt(dimension) * Math.asin(Math.min(1, Math.max(-1, cosine)));
  });
}

/** The Kolmogorov–Smirnov distance of a sample from the standard normal distribution. */
export function sampleDistance(sample: Float64Array): number {
  const count = sample.length;
  return sample.toSorted().reduce((most, z, i) => {
    const expected = normalDistribution(z);
    return Math.max(most, expected - i / count, (i + 1) / count - expected);
  }, 0);
}

/** The distance that a sample of this very distribution exceeds once in a thousand times: K^{-1}(0.999)/√n. */
export function sampleDistanceBound(count: number): number {
  return 1.94947 / Math.sqrt(count);
}

const STEPS = 4096;
/** Beyond this, a standard normal has 4·10⁻³³ of its mass. */
const REACH = 12;

/**
 * sup |F_d − Φ| for the exact distribution F_d of z: φ = z/√d has the density cos^{d−2} φ, up to a constant. Integrated by Simpson's
 * rule; by symmetry half of the line is enough.
 *
 * The expansion of the density in 1/d gives F_d − Φ ≈ φ(z) (z³/12 − 3z/4)/d, which is 0.163/d at most.
 */
export function exactDistance(dimension: number): number {
  const root = Math.sqrt(dimension);
  const reach = Math.min(REACH, (root * Math.PI) / 2);
  const step = reach / STEPS;
  const density = (z: number) => Math.exp((dimension - 2) * Math.log(Math.cos(Math.min(z / root, Math.PI / 2))));
  const masses = [0];
  for (let i = 0; i < STEPS; i++) {
    const z = i * step;
    const mass = (step / 6) * (density(z) + 4 * density(z + step / 2) + density(z + step));
    masses.push((masses[i] as number) + mass);
  }
  const half = masses[STEPS] as number;
  return masses.reduce(
    (most, mass, i) => Math.max(most, Math.abs(0.5 + mass / (2 * half) - normalDistribution(i * step))),
    0,
  );
}

/** Φ, by the series of Marsaglia (Evaluating the Normal Distribution, Journal of Statistical Software 11, 2004). */
export function normalDistribution(z: number): number {
  if (Math.abs(z) > 8) return z > 0 ? 1 : 0;
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}
