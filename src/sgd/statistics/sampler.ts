/** A source of random numbers; `randomStream` is one. */
export interface RandomSource {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Draws independent unit vectors from VMF(µ, κ) on the sphere of R^d, d ≥ 2: Wood's rejection sampler for ⟨µ, x⟩
 * (Simulation of the von Mises Fisher distribution, Communications in Statistics 23, 1994, algorithm VM*), a uniform tangent
 * direction, and a Householder reflection that takes the first axis to µ. κ = 0 is the uniform distribution.
 *
 * @param meanDirection µ, length d; scaled to length 1 here.
 * @param kappa κ ≥ 0, finite.
 * @returns a function that draws the next vector, a new array of length d.
 * @throws {RangeError} for a κ or µ outside these.
 */
export function vonMisesFisherSampler(
  meanDirection: ArrayLike<number>,
  kappa: number,
  random: RandomSource,
): () => Float64Array {
  if (!(kappa >= 0 && kappa < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`a concentration is a finite number of at least 0, not ${kappa}`);
  }
  const dimension = meanDirection.length;
  if (dimension < 2) throw new RangeError(`the dimension is at least 2, not ${dimension}`);
  const mean = normalize(Float64Array.from(meanDirection));
  const drawDeficit = projectionDeficitSampler(dimension, kappa, random);
  return () => {
    const deficit = drawDeficit();
    const vector = randomNormals(dimension, random);
    vector[0] = 0;
    normalize(vector);
    const radius = Math.sqrt(deficit * (2 - deficit));
    for (let i = 1; i < dimension; i++) vector[i] = radius * (vector[i] as number);
    vector[0] = 1 - deficit;
    takeFirstAxisTo(mean, vector);
    return vector;
  };
}

/** A uniformly random unit vector of R^d. */
export function uniformDirection(dimension: number, random: RandomSource): Float64Array {
  return normalize(randomNormals(dimension, random));
}

/**
 * Draws 1 − ⟨µ, x⟩. Wood's formulas, in terms of 1 − w so that a large κ loses no digits: with
 * b = (d − 1) / (2κ + √(4κ² + (d − 1)²)) and Z ~ Beta((d−1)/2, (d−1)/2), the candidate is 1 − w = 2bZ / (1 − (1 − b)Z), and
 * s = 1 − x₀ = 2b / (1 + b). It is kept with probability exp(κ(w − x₀)) · ((1 − x₀ w) / (1 − x₀²))^(d−1): two in three or
 * more on average, whatever d and κ.
 */
function projectionDeficitSampler(dimension: number, kappa: number, random: RandomSource): () => number {
  const degrees = dimension - 1;
  const b = degrees / (2 * kappa + Math.hypot(2 * kappa, degrees));
  const s = (2 * b) / (1 + b);
  return () => {
    for (;;) {
      // Z = X / (X + Y) for gamma variates X and Y of the same shape.
      const x = gammaVariate(degrees / 2, random);
      const y = gammaVariate(degrees / 2, random);
      const deficit = (2 * b * x) / (y + b * x);
      const logRatio = Math.log((s + (1 - s) * deficit) / (s * (2 - s)));
      if (kappa * (s - deficit) + degrees * logRatio >= Math.log(random.uniform())) return deficit;
    }
  };
}

/**
 * Gamma variate of scale 1 and a shape of 1/2, or of at least 1 (Marsaglia, Tsang: A simple method for generating gamma variables,
 * ACM TOMS 26, 2000). It squeezes a cubed normal, takes constant time, and gets better, not worse, for large shapes.
 * Shape 1/2, below the method's range, is half a squared normal.
 */
function gammaVariate(shape: number, random: RandomSource): number {
  if (shape < 1) return 0.5 * random.normal() ** 2;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const root = 1 + c * normal;
    if (root <= 0) continue;
    const v = root * root * root;
    const logBound = 0.5 * normal * normal + d * (1 - v + 3 * Math.log1p(c * normal));
    if (Math.log(random.uniform()) < logBound) return d * v;
  }
}

/**
 * Applies an orthogonal map that takes the first axis e to µ. The Householder vector is e + µ or e − µ, whichever has no
 * cancellation; the reflection by e + µ takes e to −µ, and is negated.
 */
function takeFirstAxisTo(mean: Float64Array, vector: Float64Array): void {
  const first = mean[0] as number;
  const sign = first > 0 ? 1 : -1;
  let product = vector[0] as number;
  for (let i = 0; i < vector.length; i++) product += sign * (mean[i] as number) * (vector[i] as number);
  // ‖e ± µ‖² = 2 (1 + |µ₁|)
  const factor = product / (1 + Math.abs(first));
  vector[0] = (vector[0] as number) - factor;
  for (let i = 0; i < vector.length; i++) {
    vector[i] = -sign * ((vector[i] as number) - sign * factor * (mean[i] as number));
  }
}

function randomNormals(length: number, random: RandomSource): Float64Array<ArrayBuffer> {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = random.normal();
  return values;
}

function normalize(vector: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  let squares = 0;
  for (const component of vector) squares += component * component;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) throw new RangeError('a direction is finite and not zero');
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return vector;
}
