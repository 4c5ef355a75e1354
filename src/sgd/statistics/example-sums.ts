/**
 * Weights that turn a sum over minibatches into one over examples: Σ_I c_I ĝ_I = Σ_j w_j g_j with w_j = Σ_{I∋j} c_I/m, where
 * ĝ_I is the mean of the g_j of its m examples.
 *
 * @param coefficients c_I in the order of the minibatches.
 * @param examples how many there are, in minibatches or not.
 */
export function exampleWeights(
  minibatches: readonly Uint32Array[],
  coefficients: ArrayLike<number>,
  examples: number,
): Float64Array {
  const weights = new Float64Array(examples);
  minibatches.forEach((minibatch, i) => {
    const share = (coefficients[i] as number) / minibatch.length;
    for (const example of minibatch) weights[example] = (weights[example] as number) + share;
  });
  return weights;
}

/** The mean over each minibatch of a number that each example has. For ⟨g_j, v⟩ it is ⟨ĝ_I, v⟩. */
export function minibatchMeans(minibatches: readonly Uint32Array[], values: Float64Array): Float64Array {
  return Float64Array.from(minibatches, (minibatch) => {
    let sum = 0;
    for (const example of minibatch) sum += values[example] as number;
    return sum / minibatch.length;
  });
}
