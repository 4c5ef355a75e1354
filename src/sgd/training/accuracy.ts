/** How many rows of `logits` ([m, classes], row-major) have their largest value at the label; the first of equals counts. */
export function countCorrect(logits: ArrayLike<number>, labels: Uint8Array): number {
  const classes = logits.length / labels.length;
  let correct = 0;
  labels.forEach((label, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if ((logits[row * classes + k] as number) > (logits[row * classes + best] as number)) best = k;
    }
    if (best === label) correct++;
  });
  return correct;
}
