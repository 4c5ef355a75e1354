import { Failure } from '../../engine/base/failure.ts';
import { type Moments, moments, norm } from './moments.ts';

/**
 * The streaming sums behind every directional statistic of a sample of minibatch gradients ĝ_1 … ĝ_n in R^d, with
 * x_i = ĝ_i / ‖ĝ_i‖: S1 = Σ ĝ_i, S = Σ x_i and the norms ‖ĝ_i‖.
 * It holds two float64 vectors of d, and no gradient. All sums are float64, so that thousands of float32 gradients of
 * millions of parameters come out right to far better than 10⁻⁶.
 */
export class GradientAccumulator {
  readonly dimension: number;
  readonly #gradientSum: Float64Array;
  readonly #directionSum: Float64Array;
  #count = 0;
  #norms = new Float64Array(1024);

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#gradientSum = new Float64Array(dimension);
    this.#directionSum = new Float64Array(dimension);
  }

  /**
   * Adds the gradient of the next minibatch; the array may be reused afterwards.
   *
   * @returns ‖ĝ‖
   * @throws {Failure} of kind `stage` for a zero or non-finite gradient, which has no direction; nothing is added then
   * @throws {RangeError} for a gradient of another length than d
   */
  add(gradient: Float32Array): number {
    const index = this.#count;
    const { norm: length } = this.#measure(gradient, index);
    if (index === this.#norms.length) this.#norms = doubled(this.#norms);
    this.#norms[index] = length;
    addToSums(this.#gradientSum, this.#directionSum, gradient, 1 / length);
    this.#count = index + 1;
    return length;
  }

  /** How many gradients have been added: n. */
  get count(): number {
    return this.#count;
  }

  /** ‖ĝ_i‖ in the order of adding, a copy of length n. */
  get norms(): Float64Array {
    return this.#norms.slice(0, this.#count);
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
   * ⟨x_i, S⟩ of a gradient that is computed a second time, after all have been added. The delete-one jackknife needs
   * it, since ‖S − x_i‖² = ‖S‖² − 2⟨x_i, S⟩ + 1. `index` only names the minibatch in a failure.
   *
   * @throws {Failure} and {RangeError} as {@link GradientAccumulator.add}.
   */
  jackknifeProduct(gradient: Float32Array, index?: number): number {
    const { norm: length, product } = this.#measure(gradient, index);
    return product / length;
  }

  /** ‖ĝ‖ and ⟨ĝ, S⟩; one pass for both, though `add` needs the norm only. */
  #measure(gradient: Float32Array, index: number | undefined): Moments {
    if (gradient.length !== this.dimension) {
      throw new RangeError(`the gradient has ${gradient.length} components, and the dimension is ${this.dimension}`);
    }
    const measured = moments(gradient, this.#directionSum);
    if (!isUsableNorm(measured.norm)) throw directionless(measured.norm, index);
    return measured;
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

// A function of plain typed arrays, called with one element type only: V8 then compiles it without checks. It goes on in steps of four, so
// that additions need not wait for each other.
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
