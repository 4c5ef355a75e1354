import { describe, expect, it } from 'vitest';
import type { OnednnBinding } from '../../../../src/tensors/backends/onednn/binding.ts';
import { BufferPool } from '../../../../src/tensors/backends/onednn/buffers.ts';

/** Arrays that pretend to be large: what counts is their length, and a million floats are four megabytes. */
function poolOf() {
  const released: number[] = [];
  let allocated = 0;
  const array = (length: number) =>
    ({ length, byteLength: 4 * length, number: allocated++ }) as unknown as Float32Array;
  const binding = { allocate: array, release: ({ length }: Float32Array) => released.push(length) };
  return { pool: new BufferPool(binding as unknown as OnednnBinding), released, allocated: () => allocated };
}

const MEGABYTE = 250_000;

describe('BufferPool', () => {
  it('reuses an array that was released, and no other one', () => {
    const { pool, allocated } = poolOf();
    const first = pool.take(10);
    const { values } = first;
    expect(pool.take(10).values).not.toBe(values);
    first.release();
    expect(pool.take(11).values).not.toBe(values);
    expect(pool.take(10).values).toBe(values);
    expect(allocated()).toBe(3);
  });

  it('keeps an array while anybody holds it, and never reuses one that was exposed', () => {
    const { pool } = poolOf();
    const held = pool.take(10).hold();
    held.release();
    expect(pool.idleBytes).toBe(0);
    held.release();
    expect(pool.idleBytes).toBe(40);
    const shown = pool.take(10);
    shown.expose();
    shown.release();
    expect(pool.idleBytes).toBe(0);
  });

  it('releases what was not used for longest when another model needs memory', () => {
    const { pool, released } = poolOf();
    const before = [1, 2, 3].map((extra) => pool.take(200 * MEGABYTE + extra));
    for (const buffer of before) buffer.release();
    expect(released).toEqual([]);
    const now = [pool.take(400 * MEGABYTE), pool.take(200 * MEGABYTE + 3)];
    expect(released).toEqual([200 * MEGABYTE + 1, 200 * MEGABYTE + 2]);
    for (const buffer of now) buffer.release();
    expect(pool.idleBytes).toBeLessThan(7e8);
  });

  it('keeps some idle memory however much is held', () => {
    const { pool, released, allocated } = poolOf();
    pool.take(2000 * MEGABYTE);
    for (let step = 0; step < 5; step++) {
      const buffers = [pool.take(90 * MEGABYTE), pool.take(100 * MEGABYTE)];
      for (const buffer of buffers) buffer.release();
    }
    expect(allocated()).toBe(3);
    expect(released).toEqual([]);
  });

  it('does not count exposed arrays as held', () => {
    const { pool, released } = poolOf();
    for (let step = 0; step < 10; step++) {
      const shown = pool.take(500 * MEGABYTE);
      shown.expose();
      shown.release();
    }
    pool.take(600 * MEGABYTE).release();
    expect(released).toEqual([]);
  });
});
