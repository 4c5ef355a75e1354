/** ⟨v_i, v_j⟩ of some vectors, row by row, in double precision. */
export function gramMatrix(vectors: readonly Float32Array[]): number[][] {
  const products = vectors.map((a, i) => vectors.slice(0, i + 1).map((b) => product(a, b)));
  return vectors.map((_, i) => vectors.map((_, j) => products[Math.max(i, j)]?.[Math.min(i, j)] as number));
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
