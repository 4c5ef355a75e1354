import type { OnednnBinding } from './binding.ts';

/**
 * Memory of a tensor that native kernels wrote. It goes back to the pool when its last holder lets go, unless somebody
 * outside the native kernels has seen the array: what `dataSync` returns belongs to the caller for good.
 */
export class PooledBuffer {
  readonly values: Float32Array;
  readonly #pool: BufferPool;
  #holders = 1;
  #exposed = false;

  constructor(values: Float32Array, pool: BufferPool) {
    this.values = values;
    this.#pool = pool;
  }

  /** Whether the only holder may overwrite it: nobody else can see the change. */
  get isPrivate(): boolean {
    return this.#holders === 1 && !this.#exposed;
  }

  /** Whether only native kernels can change it, and only its last holder. */
  get isHidden(): boolean {
    return !this.#exposed;
  }

  expose(): void {
    this.#exposed = true;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0 && !this.#exposed) this.#pool.give(this.values);
  }
}

/**
 * Idle arrays by length. A training step asks for the same lengths again and again, and fresh memory costs a page fault
 * every 4 KB, which is dearer than most kernels.
 */
export class BufferPool {
  /** Idle memory beyond this goes back to the system. As much as a sample by factors of the largest dense network takes. */
  static readonly #maximumIdleBytes = 1.4e9;
  readonly #binding: OnednnBinding;
  readonly #idle = new Map<number, Float32Array[]>();
  #idleBytes = 0;

  constructor(binding: OnednnBinding) {
    this.#binding = binding;
  }

  /** A buffer with undefined contents. */
  take(length: number): PooledBuffer {
    const values = this.#idle.get(length)?.pop();
    if (values === undefined) return new PooledBuffer(this.#binding.allocate(length), this);
    this.#idleBytes -= values.byteLength;
    return new PooledBuffer(values, this);
  }

  /** Takes an array back, which nobody reads any more. */
  give(values: Float32Array): void {
    if (this.#idleBytes + values.byteLength > BufferPool.#maximumIdleBytes) {
      this.#binding.release(values);
      return;
    }
    this.#idleBytes += values.byteLength;
    const idle = this.#idle.get(values.length);
    if (idle === undefined) this.#idle.set(values.length, [values]);
    else idle.push(values);
  }
}
