import { Failure } from '../base/failure.ts';

/**
 * The streaming sums behind every directional statistic of a sample of minibatch gradients ĝ_1 … ĝ_n in R^d, with
 * x_i = ĝ_i / ‖ĝ_i‖: S1 = Σ ĝ_i, S = Σ x_i, the norms ‖ĝ_i‖ and the projections ⟨u, x_i⟩ on one fixed direction u.
 * It holds three float64 vectors of d, and no gradient. All sums are float64, so that thousands of float32 gradients of
 * millions of parameters come out right to far better than 10⁻⁶.
 */
export class GradientAccumulator {
  readonly dimension: number;
  readonly #direction: Float64Array | undefined;
  readonly #gradientSum: Float64Array;
  readonly #directionSum: Float64Array;
  readonly #measured = new Float64Array(2);
  #count = 0;
  #norms = new Float64Array(1024);
  #projections = new Float64Array(1024);

  /**
   * @param direction u, length d. It is scaled to length 1 in float64: rounded to float32, no vector has that length exactly.
   * @throws {RangeError} for a direction of another length than d, or a zero or non-finite one.
   */
  constructor({ dimension, direction }: { dimension: number; direction?: Float32Array }) {
    this.dimension = dimension;
    this.#gradientSum = new Float64Array(dimension);
    this.#directionSum = new Float64Array(dimension);
    if (direction) {
      checkLength(direction, dimension, 'the direction');
      const unit = Float64Array.from(direction);
      const length = norm(unit);
      if (!isUsableNorm(length)) throw new RangeError('the direction is zero or not finite');
      this.#direction = unit.map((component) => component / length);
    }
  }

  /**
   * Adds the gradient of the next minibatch; the array may be reused afterwards.
   *
   * @throws {Failure} of kind `stage` for a zero or non-finite gradient, which has no direction; nothing is added then.
   * @throws {RangeError} for a gradient of another length than d.
   */
  add(gradient: Float32Array): void {
    const index = this.#count;
    // Without a direction the product is computed with S and not used: one loop for both cases.
    const projection = this.#measure(gradient, this.#direction ?? this.#directionSum, index);
    const length = this.#measured[0] as number;
    if (index === this.#norms.length) {
      this.#norms = doubled(this.#norms);
      this.#projections = doubled(this.#projections);
    }
    this.#norms[index] = length;
    this.#projections[index] = projection;
    addToSums(this.#gradientSum, this.#directionSum, gradient, 1 / length);
    this.#count = index + 1;
  }

  /** How many gradients have been added: n. */
  get count(): number {
    return this.#count;
  }

  /** ‖ĝ_i‖ in the order of adding, a copy of length n. */
  get norms(): Float64Array {
    return this.#norms.slice(0, this.#count);
  }

  /** ⟨u, x_i⟩ in the order of adding, a copy of length n; empty without a direction. */
  get projections(): Float64Array {
    return this.#projections.slice(0, this.#direction ? this.#count : 0);
  }

  /** S = Σ x_i, length d. The accumulator's own array: it changes with the next gradient. */
  get directionSum(): Float64Array {
    return this.#directionSum;
  }

  /** ‖S‖ = n r̄. */
  resultant(): number {
    return norm(this.#directionSum);
  }

  /** ‖Σ ĝ_i‖ / n, the norm of the mean gradient; NaN before the first gradient. */
  meanGradientNorm(): number {
    return norm(this.#gradientSum) / this.#count;
  }

  /**
   * ⟨x_i, S⟩ of a gradient that is computed a second time, after all have been added: what the delete-one jackknife
   * needs, since ‖S − x_i‖² = ‖S‖² − 2⟨x_i, S⟩ + 1. `index` only names the minibatch in a failure.
   *
   * @throws {Failure} and {RangeError} as {@link GradientAccumulator.add}.
   */
  jackknifeProduct(gradient: Float32Array, index?: number): number {
    return this.#measure(gradient, this.#directionSum, index);
  }

  /** ⟨x, other⟩, and leaves ‖ĝ‖ in `#measured[0]`. */
  #measure(gradient: Float32Array, other: Float64Array, index: number | undefined): number {
    checkLength(gradient, this.dimension, 'the gradient');
    normAndProduct(gradient, other, this.#measured);
    const length = this.#measured[0] as number;
    if (!isUsableNorm(length)) throw directionless(length, index);
    return (this.#measured[1] as number) / length;
  }
}

function checkLength(vector: Float32Array, dimension: number, name: string): void {
  if (vector.length !== dimension) {
    throw new RangeError(`${name} has ${vector.length} components, and the dimension is ${dimension}`);
  }
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}

function isUsableNorm(length: number): boolean {
  return length > 0 && length < Number.POSITIVE_INFINITY;
}

function directionless(length: number, index: number | undefined): Failure {
  const place = index === undefined ? 'of a minibatch' : `of minibatch ${index} (counted from 0)`;
  return new Failure(
    'stage',
    length === 0
      ? {
          fact: `the gradient ${place} is zero, so it has no direction`,
          fix: 'sample at an earlier epoch, before the loss vanishes in float32, or with larger minibatches',
        }
      : {
          fact: `the gradient ${place} is not finite, so it has no direction`,
          fix: 'the weights have diverged: train with a smaller learning rate',
        },
  );
}

// The loops below are functions of plain typed arrays, each called with one element type only: V8 then compiles them
// without checks. They go on in steps of two and four, so that additions need not wait for each other.
// Float64 squares of float32 values neither overflow nor underflow.

/**
 * Sums are taken over blocks of this many components, and then over blocks: rounding then grows with the block and the
 * number of blocks, and not with d, even where all components are alike and their rounding errors add up.
 */
const BLOCK = 1024;

/** Writes ‖gradient‖ and ⟨gradient, other⟩ into `result`. */
function normAndProduct(gradient: Float32Array, other: Float64Array, result: Float64Array): void {
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
  result[0] = Math.sqrt(squares);
  result[1] = product;
}

function addToSums(
  gradientSum: Float64Array,
  directionSum: Float64Array,
  gradient: Float32Array,
  inverseNorm: number,
): void {
  const length = gradient.length;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    const a = gradient[i] as number;
    const b = gradient[i + 1] as number;
    const c = gradient[i + 2] as number;
    const d = gradient[i + 3] as number;
    gradientSum[i] = (gradientSum[i] as number) + a;
    gradientSum[i + 1] = (gradientSum[i + 1] as number) + b;
    gradientSum[i + 2] = (gradientSum[i + 2] as number) + c;
    gradientSum[i + 3] = (gradientSum[i + 3] as number) + d;
    directionSum[i] = (directionSum[i] as number) + a * inverseNorm;
    directionSum[i + 1] = (directionSum[i + 1] as number) + b * inverseNorm;
    directionSum[i + 2] = (directionSum[i + 2] as number) + c * inverseNorm;
    directionSum[i + 3] = (directionSum[i + 3] as number) + d * inverseNorm;
  }
  for (let i = whole; i < length; i++) {
    const component = gradient[i] as number;
    gradientSum[i] = (gradientSum[i] as number) + component;
    directionSum[i] = (directionSum[i] as number) + component * inverseNorm;
  }
}

function norm(vector: Float64Array): number {
  let squares = 0;
  for (let start = 0; start < vector.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, vector.length);
    let block = 0;
    for (let i = start; i < end; i++) block += (vector[i] as number) * (vector[i] as number);
    squares += block;
  }
  return Math.sqrt(squares);
}
