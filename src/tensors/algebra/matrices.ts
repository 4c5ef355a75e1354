/** Row-major, [rows, columns]. */
export type Matrix = Float32Array;

/** op(a)·op(b) = [rows, columns], with this many terms in each inner product. */
export interface ProductExtents {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Some columns of a matrix: `stride` is the width of the matrix, `start` the first of them, `columns` how many. */
export interface Columns {
  readonly stride: number;
  readonly start: number;
  readonly columns: number;
}

/** Rows of a matrix with so many columns, chosen by their numbers. */
export interface ChosenRows<Values extends Float32Array | Uint8Array> {
  readonly values: Values;
  readonly chosen: Uint32Array;
  readonly width: number;
}

/** ‖AᵀΔ‖² of many pairs of small matrices, whose rows lie scattered in large ones. */
export interface SquaresOfProducts {
  /** Rows of a pair: the first pair has the first `size` chosen ones, and so on. */
  readonly size: number;
  readonly inputs: ChosenRows<Float32Array | Uint8Array>;
  readonly deltas: ChosenRows<Float32Array>;
  /** Of the deltas, before the product. */
  readonly deltaFactor: number;
  /** Of the result. */
  readonly factor: number;
  /** Whether to compute ‖AᵀΔ‖² as ⟨AAᵀ, ΔΔᵀ⟩. */
  readonly byGram: boolean;
}

/**
 * Linear algebra on arrays, for computations over thousands of examples, which need more memory than a backend's tensors should.
 * Products are of single precision, sums of double.
 */
export interface Matrices {
  /** An array with undefined contents; `release` returns its memory and ends its use. */
  allocate(count: number): Matrix;
  release(array: Matrix): void;
  /** out = op(a)·op(b) */
  multiply(a: Matrix, b: Matrix, out: Matrix, extents: ProductExtents): void;
  /** x ← relu(x) */
  rectify(x: Matrix): void;
  /** delta ← delta where activation > 0, else 0 */
  cut(delta: Matrix, activation: Matrix): void;
  /** out[r, c] = bytes[rows[r]·length + columns[c]] / 255 */
  gatherColumns(bytes: Uint8Array, length: number, rows: Uint32Array, columns: Uint32Array, out: Matrix): void;
  /** sums[r] += ⟨x_r, y_r⟩, for as many rows as there are sums. */
  addRowProducts(x: Matrix, y: Matrix, sums: Float64Array): void;
  /** Row r of the columns of `out` is factors[r]·x_r. */
  scaleRows(x: Matrix, factors: Float64Array, out: Matrix, columns: Columns): void;
  /** Adds row r of the columns of x to `total`, seen as rows of as many columns from `offset` on: to row positions[r], or to row r. */
  addRows(x: Matrix, columns: Columns, positions: Uint32Array | undefined, total: Float64Array, offset: number): void;
  /** Adds those of pair i to squares[i]. */
  addSquaresOfProducts(products: SquaresOfProducts, squares: Float64Array): void;
}
