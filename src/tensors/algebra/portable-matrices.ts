import type { Tensor2D, Tensor3D, TensorFlow } from '../tensorflow.ts';
import type { Columns, Matrices, Matrix, ProductExtents, SquaresOfProducts } from './matrices.ts';
import { batchedProducts, denseProducts } from './products.ts';

/** A row whose elements are all below this is multiplied by a power of two before a product, and its product is divided by it. */
const TINY = 2 ** -80;
const MAGNIFICATION = 2 ** 64;

/** With the products of any backend, and the rest in JavaScript. */
export class PortableMatrices implements Matrices {
  readonly #tf: TensorFlow;
  // Overwritten for every batch of minibatches: fresh memory would cost more than the products.
  #inputRows = new Float32Array(0);
  #deltaRows = new Float32Array(0);

  constructor(tf: TensorFlow) {
    this.#tf = tf;
  }

  allocate(count: number): Matrix {
    return new Float32Array(count);
  }

  release(): void {}

  multiply(a: Matrix, b: Matrix, out: Matrix, extents: ProductExtents): void {
    const tf = this.#tf;
    const { rows, inner, columns, transposeA = false, transposeB = false } = extents;
    const scaled = transposeA ? undefined : withoutDenormalRows(a, rows);
    tf.tidy(() => {
      const left = tf.tensor2d(scaled?.values ?? a, transposeA ? [inner, rows] : [rows, inner]);
      const right = tf.tensor2d(b, transposeB ? [columns, inner] : [inner, columns]);
      const { output, kernelGradient, inputGradient } = denseProducts(tf);
      let product: Tensor2D;
      if (transposeA) product = kernelGradient(left, transposeB ? tf.transpose(right) : right);
      else product = transposeB ? inputGradient(left, right) : output(left, right);
      out.set(product.dataSync<'float32'>());
    });
    for (const row of scaled?.rows ?? []) {
      for (let i = row * columns; i < (row + 1) * columns; i++) out[i] = (out[i] as number) / MAGNIFICATION;
    }
  }

  rectify(x: Matrix): void {
    for (let i = 0; i < x.length; i++) if ((x[i] as number) <= 0) x[i] = 0;
  }

  cut(delta: Matrix, activation: Matrix): void {
    for (let i = 0; i < delta.length; i++) if ((activation[i] as number) <= 0) delta[i] = 0;
  }

  gatherColumns(bytes: Uint8Array, length: number, rows: Uint32Array, columns: Uint32Array, out: Matrix): void {
    let to = 0;
    for (const row of rows) {
      const start = row * length;
      for (let c = 0; c < columns.length; c++) out[to++] = (bytes[start + (columns[c] as number)] as number) / 255;
    }
  }

  addRowProducts(x: Matrix, y: Matrix, sums: Float64Array): void {
    const columns = x.length / sums.length;
    for (let row = 0, i = 0; row < sums.length; row++) {
      // Two sums, so that additions need not wait for each other.
      let even = 0;
      let odd = 0;
      const end = i + columns;
      for (; i + 1 < end; i += 2) {
        even += (x[i] as number) * (y[i] as number);
        odd += (x[i + 1] as number) * (y[i + 1] as number);
      }
      if (i < end) {
        even += (x[i] as number) * (y[i] as number);
        i++;
      }
      sums[row] = (sums[row] as number) + even + odd;
    }
  }

  scaleRows(x: Matrix, factors: Float64Array, out: Matrix, { stride, start, columns }: Columns): void {
    for (let row = 0, from = 0; row < factors.length; row++) {
      const factor = factors[row] as number;
      const first = row * stride + start;
      for (let to = first; to < first + columns; to++) out[to] = factor * (x[from++] as number);
    }
  }

  addRows(
    x: Matrix,
    { stride, start, columns }: Columns,
    positions: Uint32Array | undefined,
    total: Float64Array,
    offset: number,
  ): void {
    const rows = positions?.length ?? x.length / stride;
    for (let row = 0; row < rows; row++) {
      const shift = row * stride + start - (offset + (positions?.[row] ?? row) * columns);
      const first = row * stride + start - shift;
      for (let to = first; to < first + columns; to++) {
        total[to] = (total[to] as number) + (x[to + shift] as number);
      }
    }
  }

  addSquaresOfProducts(products: SquaresOfProducts, squares: Float64Array): void {
    const { size, inputs, deltas, deltaFactor, factor, byGram } = products;
    const tf = this.#tf;
    const count = squares.length;
    this.#inputRows = gatherRows(inputs, this.#inputRows);
    this.#deltaRows = gatherRows(deltas, this.#deltaRows);
    const deltaRows = this.#deltaRows.subarray(0, count * size * deltas.width);
    if (deltaFactor !== 1)
      for (let i = 0; i < deltaRows.length; i++) deltaRows[i] = (deltaRows[i] as number) * deltaFactor;
    tf.tidy(() => {
      const a = tf.tensor3d(this.#inputRows.subarray(0, count * size * inputs.width), [count, size, inputs.width]);
      const delta = tf.tensor3d(deltaRows, [count, size, deltas.width]);
      const ofPairs = byGram ? squaresByGram(tf, a, delta) : squaresDirectly(tf, a, delta);
      for (let i = 0; i < count; i++) squares[i] = (squares[i] as number) + factor * (ofPairs[i] as number);
    });
  }
}

/**
 * A copy of a matrix in which rows of tiny numbers are scaled, and the indices of these rows; undefined where there are none. libtensorflow flushes
 * denormal numbers to 0.
 */
function withoutDenormalRows(
  matrix: Matrix,
  rows: number,
): { readonly values: Matrix; readonly rows: readonly number[] } | undefined {
  const width = matrix.length / rows;
  const tiny = Array.from({ length: rows }, (_, row) => row).filter((row) => {
    let largest = 0;
    for (let i = row * width; i < (row + 1) * width; i++) largest = Math.max(largest, Math.abs(matrix[i] as number));
    return largest > 0 && largest < TINY;
  });
  if (tiny.length === 0) return undefined;
  const values = matrix.slice();
  for (const row of tiny) {
    for (let i = row * width; i < (row + 1) * width; i++) values[i] = (values[i] as number) * MAGNIFICATION;
  }
  return { values, rows: tiny };
}

function gatherRows(
  { values, chosen, width }: SquaresOfProducts['inputs'],
  memory: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const length = chosen.length * width;
  const target = memory.length >= length ? memory : new Float32Array(length);
  chosen.forEach((row, to) => {
    target.set(values.subarray(row * width, (row + 1) * width), to * width);
  });
  return target;
}

function squaresByGram(tf: TensorFlow, a: Tensor3D, delta: Tensor3D): Float64Array {
  const { gram } = batchedProducts(tf);
  const left = gram(a).dataSync<'float32'>();
  const right = gram(delta).dataSync<'float32'>();
  const [count, size] = a.shape;
  return Float64Array.from({ length: count }, (_, i) => innerProduct(left, right, i * size * size, size * size));
}

function squaresDirectly(tf: TensorFlow, a: Tensor3D, delta: Tensor3D): Float64Array {
  const values = batchedProducts(tf).transposed(a, delta).dataSync<'float32'>();
  const [count] = a.shape;
  const length = values.length / count;
  return Float64Array.from({ length: count }, (_, i) => innerProduct(values, values, i * length, length));
}

function innerProduct(x: Float32Array, y: Float32Array, from: number, length: number): number {
  let sum = 0;
  for (let k = from; k < from + length; k++) sum += (x[k] as number) * (y[k] as number);
  return sum;
}
