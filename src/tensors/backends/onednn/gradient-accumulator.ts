import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnednnBinding } from './binding.ts';
import type { PooledBuffer } from './buffers.ts';

/** The part of the backend that it needs. */
interface GradientMemory {
  readonly binding: OnednnBinding;
  hold(info: TensorInfo): PooledBuffer | undefined;
}

/** Gradients are collected up to this number, so that the sums are read and written once for all. */
const GRADIENTS_PER_FLUSH = 8;

/** One minibatch gradient: its tensors in the order of the variables, and the place of each in the flattened gradient. */
interface Sample {
  readonly parts: readonly { readonly buffer: PooledBuffer; readonly offset: number }[];
  readonly inverseNorm: number;
}

/**
 * Streaming sums over sampled gradients g_i, flattened and of d elements, in double precision throughout: Σ g_i and
 * Σ g_i/‖g_i‖. It reads a gradient where the backend has it, and copies none to JavaScript.
 */
export class GradientAccumulator {
  readonly #backend: GradientMemory;
  readonly #sum: Float64Array;
  readonly #directions: Float64Array;
  #due: Sample[] = [];

  /** @param dimension d */
  constructor(backend: GradientMemory, dimension: number) {
    this.#backend = backend;
    this.#sum = new Float64Array(dimension);
    this.#directions = new Float64Array(dimension);
  }

  /**
   * Adds a gradient. The caller may dispose its tensors at once.
   *
   * @param gradient its float32 tensors, d elements in all, in the order in which they make the flattened gradient
   * @returns ‖g‖. A gradient of norm 0 has no direction, and adds nothing to the sum of directions
   */
  add(gradient: readonly TensorInfo[]): number {
    const parts = partsOf(this.#backend, gradient, this.#sum.length);
    const { norm } = momentsOf(this.#backend, parts, null);
    if (!sameLayout(this.#due[0]?.parts ?? parts, parts)) this.#flush();
    this.#due.push({ parts, inverseNorm: norm === 0 ? 0 : 1 / norm });
    if (this.#due.length === GRADIENTS_PER_FLUSH) this.#flush();
    return norm;
  }

  /** ⟨g, v⟩ of a gradient, given as in `add`, that is not added. @param vector d elements. */
  dot(gradient: readonly TensorInfo[], vector: Float64Array): number {
    let total = 0;
    for (const { buffer, offset } of partsOf(this.#backend, gradient, this.#sum.length)) {
      total += this.#backend.binding.gradientDot(buffer.values, vector, offset, buffer.values.length);
      buffer.release();
    }
    return total;
  }

  /** The sums over all gradients so far; the arrays are the accumulator's own, and change with the next gradient. */
  sums(): { readonly sum: Float64Array; readonly directions: Float64Array } {
    this.#flush();
    return { sum: this.#sum, directions: this.#directions };
  }

  #flush(): void {
    const due = this.#due;
    const inverseNorms = Float64Array.from(due, ({ inverseNorm }) => inverseNorm);
    due[0]?.parts.forEach(({ buffer, offset }, index) => {
      const buffers = due.map(({ parts }) => (parts[index] as Sample['parts'][number]).buffer);
      const { length } = buffer.values;
      const arrays = buffers.map(({ values }) => values);
      this.#backend.binding.accumulateGradients(arrays, inverseNorms, this.#sum, this.#directions, offset, length);
      for (const held of buffers) held.release();
    });
    this.#due = [];
  }
}

/**
 * ‖g‖ and ⟨u, g⟩ of a gradient, given as to `add` of {@link GradientAccumulator}, in one pass and in double precision.
 *
 * @param direction u, d elements
 */
export function gradientMoments(
  backend: GradientMemory,
  gradient: readonly TensorInfo[],
  direction: Float32Array,
): { readonly norm: number; readonly product: number } {
  const parts = partsOf(backend, gradient, direction.length);
  const moments = momentsOf(backend, parts, direction);
  for (const { buffer } of parts) buffer.release();
  return moments;
}

/** Without a direction the product is 0. */
function momentsOf({ binding }: GradientMemory, parts: Sample['parts'], direction: Float32Array | null) {
  const moments = new Float64Array(2);
  for (const { buffer, offset } of parts) {
    const { values } = buffer;
    binding.gradientMoments(values, direction, offset, moments, values.length);
  }
  return { norm: Math.sqrt(moments[0] as number), product: moments[1] as number };
}

/** Holds the tensors of a gradient of `dimension` elements. */
function partsOf(backend: GradientMemory, gradient: readonly TensorInfo[], dimension: number): Sample['parts'] {
  let end = 0;
  const parts = gradient.map((tensor) => {
    const buffer = backend.hold(tensor);
    if (buffer === undefined) throw new TypeError('a gradient must be of float32, and have elements');
    const offset = end;
    end += buffer.values.length;
    return { buffer, offset };
  });
  if (end !== dimension) {
    for (const { buffer } of parts) buffer.release();
    throw new RangeError(`a gradient of ${end} elements where ${dimension} are due`);
  }
  return parts;
}

function sameLayout(a: Sample['parts'], b: Sample['parts']): boolean {
  return a.length === b.length && a.every(({ offset }, index) => offset === b[index]?.offset);
}
