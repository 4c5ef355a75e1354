/**
 * Gaussian kernel density estimate, f(t) = 1/(n h √(2π)) Σ exp(−(t − v_i)² / (2h²)), at each point of a grid.
 *
 * @param bandwidth h > 0, in the unit of the values; default {@link silvermanBandwidth}
 * @returns densities per unit of the values, one for each grid point.
 * @throws {RangeError} for no values, or a bandwidth that is not positive (as of values that are all the same).
 */
export function gaussianDensityEstimate(
  values: Float64Array,
  grid: Float64Array,
  bandwidth: number = silvermanBandwidth(values),
): Float64Array {
  if (values.length === 0) throw new RangeError('no values to estimate a density from');
  if (!(bandwidth > 0)) throw new RangeError(`a bandwidth is positive, not ${bandwidth}`);
  const scale = 1 / (values.length * bandwidth * Math.sqrt(2 * Math.PI));
  return grid.map((point) => {
    let sum = 0;
    for (const value of values) {
      const standardized = (point - value) / bandwidth;
      sum += Math.exp(-0.5 * standardized * standardized);
    }
    return scale * sum;
  });
}

/**
 * Silverman's rule of thumb, h = 0.9 min(σ, IQR/1.34) n^(−1/5) (Density Estimation for Statistics and Data Analysis, 1986,
 * eq. 3.31). The interquartile range is left out where it is 0, as of many tied values.
 */
export function silvermanBandwidth(values: Float64Array): number {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const deviation = Math.sqrt(squares / (count - 1));
  const ordered = values.slice().sort();
  const range = quantile(ordered, 0.75) - quantile(ordered, 0.25);
  const spread = range > 0 ? Math.min(deviation, range / 1.34) : deviation;
  return 0.9 * spread * count ** -0.2;
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). */
function quantile(ordered: Float64Array, probability: number): number {
  const position = (ordered.length - 1) * probability;
  const below = ordered[Math.floor(position)] as number;
  const above = ordered[Math.ceil(position)] as number;
  return below + (position - Math.floor(position)) * (above - below);
}
