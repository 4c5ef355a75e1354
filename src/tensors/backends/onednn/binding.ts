/**
 * The functions of the native addon: its whole ABI. All matrices and tensors are row-major Float32Arrays; a result goes
 * into an array of the caller, which must not overlap an operand unless the description says so. An array that is too short
 * for the extents, or that overlaps, is a RangeError; one of another type, or in shared memory, a TypeError.
 */
export interface OnednnBinding {
  describe(): {
    /** The version of the oneDNN library, for example `2.6.3`. */
    readonly version: string;
    /** The instruction set that oneDNN dispatches to: its own name and number for it, for example `avx2 0x7`. */
    readonly instructionSet: string;
    /** The instruction set of the addon's own kernels and loops. */
    readonly ownInstructionSet: string;
    /** The processor's caches of the first two levels, as oneDNN reads them. */
    readonly caches: string;
    /** The files of oneDNN and of the C library's mathematical functions that are loaded; empty where the system does not say. */
    readonly libraryFile: string;
    readonly mathematicsFile: string;
    readonly threads: number;
    /** The most threads that the environment allows (OMP_THREAD_LIMIT). */
    readonly threadLimit: number;
    readonly hardwareThreads: number;
  };
  /** For all following calls on this JavaScript thread; 1 until it is called. Throws where there cannot be so many. */
  setThreads(count: number): void;
  /** An array aligned to a cache line; its contents are undefined. */
  allocate(count: number): Float32Array;

  /** Frees an array's memory before the garbage collector would; it has no elements afterwards. */
  release(array: Float32Array): void;

  /** c = alpha·op(a)·op(b) + beta·c, with c [m, n] and inner extent k. */
  gemm(
    transposeA: boolean,
    transposeB: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Float32Array,
    b: Float32Array,
    beta: number,
    c: Float32Array,
  ): void;
  /** Matrix i of c is the product of matrix i mod batchA of a and matrix i mod batchB of b. */
  batchedGemm(
    transposeA: boolean,
    transposeB: boolean,
    batch: number,
    batchA: number,
    batchB: number,
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
  ): void;

  relu: UnaryFunction;
  /** relu(x), written over x. */
  reluInPlace(x: Float32Array, count: number): void;
  negative: UnaryFunction;
  square: UnaryFunction;
  squareRoot: UnaryFunction;
  reciprocalSquareRoot: UnaryFunction;
  exponential: UnaryFunction;
  logarithm: UnaryFunction;
  /** 1 where x > 0, alpha where x ≤ 0. */
  step(x: Float32Array, out: Float32Array, count: number, alpha: number): void;

  add: BinaryFunction;
  subtract: BinaryFunction;
  multiply: BinaryFunction;
  divide: BinaryFunction;
  squaredDifference: BinaryFunction;
  /** a where b > 0, else 0. */
  reluGradient: BinaryFunction;
  /** reluGradient(dy, y), written over dy. */
  reluGradientInPlace(dy: Float32Array, y: Float32Array, count: number): void;
  /** The larger of a + b and 0. */
  addAndRectify: BinaryFunction;

  /** out[o, i] = factor · Σ_r x[o, r, i], added up in double precision. */
  sum(x: Float32Array, out: Float32Array, outer: number, reduced: number, inner: number, factor: number): void;
  /** out[o, i] = max_r x[o, r, i]. */
  maximum(x: Float32Array, out: Float32Array, outer: number, reduced: number, inner: number): void;

  /** Over each row. */
  softmax(x: Float32Array, out: Float32Array, rows: number, columns: number): void;
  logSoftmax(x: Float32Array, out: Float32Array, rows: number, columns: number): void;
  /** loss[0] = the mean over the rows of −Σ labels·log softmax(logits), for labels that add up to 1, with its gradient. */
  softmaxCrossEntropy(
    logits: Float32Array,
    labels: Float32Array,
    loss: Float32Array,
    gradient: Float32Array,
    rows: number,
    columns: number,
  ): void;

  /** Row i of out is row indices[i] of bytes over 255, for rows of `length` elements. */
  gatherScaled(bytes: Uint8Array, indices: Uint32Array, length: number, out: Float32Array): void;

  /** out[r, c] = bytes[rows[r]·length + columns[c]] / 255 */
  gatherColumns(
    bytes: Uint8Array,
    length: number,
    rows: Uint32Array,
    rowCount: number,
    columns: Uint32Array,
    columnCount: number,
    out: Float32Array,
  ): void;
  /** sums[r] += ⟨x_r, y_r⟩ */
  addRowProducts(x: Float32Array, y: Float32Array, sums: Float64Array, rows: number, columns: number): void;
  /** out[r, start + c] = factors[r]·x[r, c], the rows of out `stride` apart */
  scaleRows(
    x: Float32Array,
    factors: Float64Array,
    out: Float32Array,
    rows: number,
    columns: number,
    stride: number,
    start: number,
  ): void;
  /**
   * total[offset + positions[r]·columns + c] += x[r, start + c], the rows of x `stride` apart; positions ascend, and without them
   * row r goes to place r.
   */
  addRows(
    x: Float32Array,
    stride: number,
    start: number,
    positions: Uint32Array | null,
    rows: number,
    columns: number,
    total: Float64Array,
    offset: number,
  ): void;
  /**
   * squares[i] += factor·‖AᵀΔ‖² for minibatch i, with A the rows inputRows[i·size …] of the inputs and Δ the rows deltaRows[i·size …]
   * of the deltas, times deltaFactor. With byGram, it is computed as ⟨AAᵀ, ΔΔᵀ⟩.
   */
  addMinibatchSquares(
    squares: Float64Array,
    count: number,
    size: number,
    inputs: Float32Array | Uint8Array,
    inputRows: Uint32Array,
    inputWidth: number,
    deltas: Float32Array,
    deltaRows: Uint32Array,
    deltaWidth: number,
    deltaFactor: number,
    factor: number,
    byGram: boolean,
  ): void;

  /** `layout`: six extents, six strides of x, six strides of out (the last is 1), offset into x, offset into out. */
  stridedCopy(x: Float32Array, out: Float32Array, layout: Int32Array): void;

  /**
   * relu?(x * filter + bias), x NHWC and filter HWIO. `geometry`: batch, input height, width, channels, filter height,
   * width, output channels, output height, width, stride height, width, padding top, left, bottom, right.
   */
  convolution(
    x: Float32Array,
    filter: Float32Array,
    bias: Float32Array | null,
    out: Float32Array,
    geometry: Int32Array,
    relu: boolean,
  ): void;
  convolutionBackwardInput(dy: Float32Array, filter: Float32Array, dx: Float32Array, geometry: Int32Array): void;
  convolutionBackwardFilter(x: Float32Array, dy: Float32Array, dFilter: Float32Array, geometry: Int32Array): void;

  /**
   * NHWC; the padding does not count in the average. `geometry`: batch, input height, width, channels, window height,
   * width, output height, width, stride height, width, padding top, left.
   */
  averagePool(x: Float32Array, out: Float32Array, geometry: Int32Array): void;
  averagePoolGradient(dy: Float32Array, dx: Float32Array, geometry: Int32Array): void;

  /**
   * y = relu?(gamma·(x − mean)/√(variance + epsilon) + beta), x [rows, channels], by the mean and the biased variance of
   * each channel, which are results too.
   */
  batchNorm(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    y: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    rows: number,
    channels: number,
    epsilon: number,
    relu: boolean,
  ): void;
  /** Like batchNorm, with a given mean and variance. */
  batchNormInference(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    y: Float32Array,
    rows: number,
    channels: number,
    epsilon: number,
    relu: boolean,
  ): void;
  /** The gradient of batchNorm, ReLU included; it flows through mean and variance too. */
  batchNormGradient(
    dy: Float32Array,
    x: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    dx: Float32Array,
    dGamma: Float32Array,
    dBeta: Float32Array,
    rows: number,
    channels: number,
    epsilon: number,
    relu: boolean,
  ): void;

  /** out = y + factor·x; out may be y. */
  addScaled(factor: number, x: Float32Array, y: Float32Array, out: Float32Array, count: number): void;

  /** out = a·x + b·y */
  blend(a: number, x: Float32Array, b: number, y: Float32Array, out: Float32Array, count: number): void;

  /** out[0] += ‖g‖², out[1] += ⟨g, u⟩, with the elements of u from `offset` on; without u nothing is added to out[1]. */
  gradientMoments(
    gradient: Float32Array,
    u: Float32Array | null,
    offset: number,
    out: Float64Array,
    count: number,
  ): void;
  /** ⟨g, v⟩ with the elements of v from `offset` on. */
  gradientDot(gradient: Float32Array, v: Float64Array, offset: number, count: number): number;
  /** sum += Σ_j g_j and directions += Σ_j inverseNorms[j]·g_j, both from `offset` on. */
  accumulateGradients(
    gradients: readonly Float32Array[],
    inverseNorms: Float64Array,
    sum: Float64Array,
    directions: Float64Array,
    offset: number,
    count: number,
  ): void;
}

export type UnaryFunction = (x: Float32Array, out: Float32Array, count: number) => void;

/** `layout`: four extents of the result, four strides of a, four strides of b (0 along a broadcast axis). */
export type BinaryFunction = (a: Float32Array, b: Float32Array, out: Float32Array, layout: Int32Array) => void;
