/**
 * softmax(z) − onehot, the gradient of one example's cross entropy with respect to its logits z. In float64, and the label's component as
 * minus the sum of the others: where the label's probability is near 1, probability − 1 would have lost its digits.
 *
 * @param logits [rows, classes]
 * @returns the residuals in the same layout, and the sum of the losses, which is not finite when a logit is not.
 */
export function residualsOf(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): { readonly residuals: Float32Array; readonly losses: number } {
  const residuals = new Float32Array(logits.length);
  const probabilities = new Float64Array(classes);
  let losses = 0;
  for (let row = 0, start = 0; start < logits.length; row++, start += classes) {
    const label = labels[row] as number;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[start + c] as number);
    let normaliser = 0;
    for (let c = 0; c < classes; c++) {
      const exponential = Math.exp((logits[start + c] as number) - largest);
      probabilities[c] = exponential;
      normaliser += exponential;
    }
    let others = 0;
    for (let c = 0; c < classes; c++) {
      if (c === label) continue;
      const probability = (probabilities[c] as number) / normaliser;
      residuals[start + c] = probability;
      others += probability;
    }
    residuals[start + label] = -others;
    losses += Math.log(normaliser) + largest - (logits[start + label] as number);
  }
  return { residuals, losses };
}
