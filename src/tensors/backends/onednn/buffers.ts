import type { OnednnBinding } from './binding.ts';

/**
 * Memory of a tensor that native kernels wrote. It goes back to the pool when its last holder releases it, unless somebody
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
    if (this.#holders > 0) return;
    if (this.#exposed) this.#pool.forget(this.values);
    else this.#pool.give(this.values);
  }
}

/** Idle memory may fill up the held memory to this total: a worker that computes with one model after another keeps the arrays of the last one. */
const MAXIMUM_BYTES = 7e8;

/** This much idle memory is kept in any case: otherwise a large sample would return what it takes again at once. */
const KEPT_IDLE_BYTES = 2e8;

/**
 * Idle arrays by length. A training step asks for the same lengths again and again, and fresh memory costs a page fault
 * every 4 KB, which is more expensive than most kernels.
 */
export class BufferPool {
  readonly #binding: OnednnBinding;
  /** Lengths in the order in which arrays of them were last returned. */
  readonly #idle = new Map<number, Float32Array[]>();
  #idleBytes = 0;
  #heldBytes = 0;

  constructor(binding: OnednnBinding) {
    this.#binding = binding;
  }

  /** Bytes of arrays that nobody holds. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer with undefined contents. */
  take(length: number): PooledBuffer {
    const bytes = length * Float32Array.BYTES_PER_ELEMENT;
    this.#heldBytes += bytes;
    const values = this.#idle.get(length)?.pop();
    if (values) this.#idleBytes -= bytes;
    else this.#makeRoom();
    return new PooledBuffer(values ?? this.#binding.allocate(length), this);
  }

  /** Takes an array back that nobody reads any more. */
  give(values: Float32Array): void {
    this.#heldBytes -= values.byteLength;
    this.#idleBytes += values.byteLength;
    const idle = this.#idle.get(values.length) ?? [];
    idle.push(values);
    this.#idle.delete(values.length);
    this.#idle.set(values.length, idle);
    this.#makeRoom();
  }

  /** Gives up an array that belongs to somebody else now. */
  forget(values: Float32Array): void {
    this.#heldBytes -= values.byteLength;
  }

  /** Returns idle arrays to the system, starting with the lengths that have been idle for longest. */
  #makeRoom(): void {
    const most = Math.max(KEPT_IDLE_BYTES, MAXIMUM_BYTES - this.#heldBytes);
    for (const [length, idle] of this.#idle) {
      for (let values = idle.pop(); values; values = idle.pop()) {
        if (this.#idleBytes <= most) {
          idle.push(values);
          return;
        }
        this.#idleBytes -= values.byteLength;
        this.#binding.release(values);
      }
      this.#idle.delete(length);
    }
  }
}
