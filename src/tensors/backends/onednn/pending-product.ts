import type { OnednnBinding } from './binding.ts';
import type { PooledBuffer } from './buffers.ts';

/**
 * A matrix product op(a)·op(b), [m, n] with inner extent k, that is computed only when somebody reads it. The gradient of
 * a kernel is as large as the kernel. A step of gradient descent can add it to the weights while it is computed, so
 * that it is never written to memory.
 */
export class PendingProduct {
  readonly #transposeA: boolean;
  readonly #transposeB: boolean;
  readonly #m: number;
  readonly #n: number;
  readonly #k: number;
  readonly #a: PooledBuffer;
  readonly #b: PooledBuffer;

  /** Takes one hold on each of the buffers from the caller. */
  constructor(
    transposeA: boolean,
    transposeB: boolean,
    m: number,
    n: number,
    k: number,
    a: PooledBuffer,
    b: PooledBuffer,
  ) {
    this.#transposeA = transposeA;
    this.#transposeB = transposeB;
    this.#m = m;
    this.#n = n;
    this.#k = k;
    this.#a = a;
    this.#b = b;
  }

  get size(): number {
    return this.#m * this.#n;
  }

  /** target = alpha·product + beta·target */
  addTo(binding: OnednnBinding, alpha: number, beta: number, target: Float32Array): void {
    const { values: a } = this.#a;
    const { values: b } = this.#b;
    binding.gemm(this.#transposeA, this.#transposeB, this.#m, this.#n, this.#k, alpha, a, b, beta, target);
  }

  release(): void {
    this.#a.release();
    this.#b.release();
  }
}
