/** ‖g‖ and ⟨g, v⟩ of a gradient g. */
export interface Moments {
  readonly norm: number;
  readonly product: number;
}

// The loops below are functions of plain typed arrays, each called with one element type only: V8 then compiles them
// without checks. They go on in steps of two, so that additions need not wait for each other.
// Float64 squares of float32 values neither overflow nor underflow.

/**
 * Sums are taken over blocks of this many components, and then over blocks: rounding then grows with the block and the
 * number of blocks, and not with d, even where all components are alike and their rounding errors add up.
 */
const BLOCK = 1024;

/** @param other v, as long as the gradient. */
export function moments(gradient: Float32Array, other: Float64Array): Moments {
  const length = gradient.length;
  let squares = 0;
  let product = 0;
  for (let start = 0; start < length; start += BLOCK) {
    const end = Math.min(start + BLOCK, length);
    let evenSquares = 0;
    let oddSquares = 0;
    let evenProduct = 0;
    let oddProduct = 0;
    let i = start;
    for (; i + 1 < end; i += 2) {
      const a = gradient[i] as number;
      const b = gradient[i + 1] as number;
      evenSquares += a * a;
      oddSquares += b * b;
      evenProduct += a * (other[i] as number);
      oddProduct += b * (other[i + 1] as number);
    }
    if (i < end) {
      const last = gradient[i] as number;
      evenSquares += last * last;
      evenProduct += last * (other[i] as number);
    }
    squares += evenSquares + oddSquares;
    product += evenProduct + oddProduct;
  }
  return { norm: Math.sqrt(squares), product };
}

export function norm(vector: Float64Array): number {
  let squares = 0;
  for (let start = 0; start < vector.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, vector.length);
    let block = 0;
    for (let i = start; i < end; i++) block += (vector[i] as number) * (vector[i] as number);
    squares += block;
  }
  return Math.sqrt(squares);
}
