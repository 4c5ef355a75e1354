import type { OnednnBinding } from './binding.ts';
import type { BufferPool } from './buffers.ts';

/** Extents of a product: [rows, columns] with `inner` terms each. */
interface ProductExtents {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

interface Columns {
  readonly stride: number;
  readonly start: number;
  readonly columns: number;
}

interface ChosenRows<Values extends Float32Array | Uint8Array> {
  readonly values: Values;
  readonly chosen: Uint32Array;
  readonly width: number;
}

interface SquaresOfProducts {
  readonly size: number;
  readonly inputs: ChosenRows<Float32Array | Uint8Array>;
  readonly deltas: ChosenRows<Float32Array>;
  readonly deltaFactor: number;
  readonly factor: number;
  readonly byGram: boolean;
}

/** Linear algebra on arrays, by the addon. It implements the interface `Matrices`, which no backend imports. */
export class OnednnMatrices {
  readonly #binding: OnednnBinding;
  readonly #pool: BufferPool;

  constructor(binding: OnednnBinding, pool: BufferPool) {
    this.#binding = binding;
    this.#pool = pool;
  }

  allocate(count: number): Float32Array {
    return this.#pool.take(count).values;
  }

  release(array: Float32Array): void {
    this.#pool.give(array);
  }

  multiply(a: Float32Array, b: Float32Array, out: Float32Array, extents: ProductExtents): void {
    const { rows, inner, columns, transposeA = false, transposeB = false } = extents;
    this.#binding.gemm(transposeA, transposeB, rows, columns, inner, 1, a, b, 0, out);
  }

  rectify(x: Float32Array): void {
    this.#binding.reluInPlace(x, x.length);
  }

  cut(delta: Float32Array, activation: Float32Array): void {
    this.#binding.reluGradientInPlace(delta, activation, delta.length);
  }

  gatherColumns(bytes: Uint8Array, length: number, rows: Uint32Array, columns: Uint32Array, out: Float32Array): void {
    this.#binding.gatherColumns(bytes, length, rows, rows.length, columns, columns.length, out);
  }

  addRowProducts(x: Float32Array, y: Float32Array, sums: Float64Array): void {
    this.#binding.addRowProducts(x, y, sums, sums.length, x.length / sums.length);
  }

  scaleRows(x: Float32Array, factors: Float64Array, out: Float32Array, { stride, start, columns }: Columns): void {
    this.#binding.scaleRows(x, factors, out, factors.length, columns, stride, start);
  }

  addRows(
    x: Float32Array,
    { stride, start, columns }: Columns,
    positions: Uint32Array | undefined,
    total: Float64Array,
    offset: number,
  ): void {
    const rows = positions?.length ?? x.length / stride;
    this.#binding.addRows(x, stride, start, positions ?? null, rows, columns, total, offset);
  }

  addSquaresOfProducts(products: SquaresOfProducts, squares: Float64Array): void {
    const { size, inputs, deltas, deltaFactor, factor, byGram } = products;
    this.#binding.addMinibatchSquares(
      squares,
      squares.length,
      size,
      inputs.values,
      inputs.chosen,
      inputs.width,
      deltas.values,
      deltas.chosen,
      deltas.width,
      deltaFactor,
      factor,
      byGram,
    );
  }
}
