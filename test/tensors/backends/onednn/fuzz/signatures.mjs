// Every function of the addon with arguments that it takes: one description an argument, which values.mjs makes a value of.

const number = (value) => ({ kind: 'number', value });
const flag = (draw) => ({ kind: 'flag', value: draw.chance(0.5) });
const integers = (values) => ({ kind: 'array', type: 'Int32Array', values });
const array = (type) => (length, draw) => ({
  kind: 'array',
  type,
  length,
  fill: draw.pick(['uniform', 'uniform', 'sparse', 'sparse', 'zero', 'special']),
});
const floats = array('Float32Array');
const doubles = array('Float64Array');
const bytes = array('Uint8Array');
const indices = (count, limit, draw) => ({
  kind: 'array',
  type: 'Uint32Array',
  values: Array.from({ length: count }, () => draw.whole(0, limit - 1)),
});

/** Mostly small; sometimes as large as a layer's, for the paths that only large ones take. */
function extent(draw) {
  return draw.chance(0.05) ? draw.whole(80, 130) : draw.whole(1, 20);
}

function unary(draw) {
  const count = extent(draw) * extent(draw);
  return [floats(count, draw), floats(count, draw), number(count)];
}

function binary(draw) {
  const extents = Array.from({ length: 4 }, () => draw.whole(1, 6));
  const operand = () => {
    const strides = [0, 0, 0, 0];
    let size = 1;
    for (let axis = 3; axis >= 0; axis--) {
      if (draw.chance(0.3)) continue;
      strides[axis] = size;
      size *= extents[axis];
    }
    return { strides, size };
  };
  const [a, b] = [operand(), operand()];
  return [
    floats(a.size, draw),
    floats(b.size, draw),
    floats(productOf(extents), draw),
    integers([...extents, ...a.strides, ...b.strides]),
  ];
}

const productOf = (values) => values.reduce((product, value) => product * value, 1);

function stridedCopy(draw) {
  const extents = Array.from({ length: 6 }, () => draw.whole(1, 4));
  const contiguous = extents.map((_, axis) => productOf(extents.slice(axis + 1)));
  const order = [0, 1, 2, 3, 4, 5].sort(() => draw.uniform() - 0.5);
  const from = extents.map((_, axis) => productOf(order.slice(order.indexOf(axis) + 1).map((other) => extents[other])));
  const [into, out] = [draw.whole(0, 3), draw.whole(0, 3)];
  const size = productOf(extents);
  return [
    floats(size + into, draw),
    floats(size + out, draw),
    integers([...extents, ...from, ...contiguous, into, out]),
  ];
}

/** One axis of a window that slides: what goes in, what comes out, and the pixels of padding. */
function slide(draw, extents) {
  for (;;) {
    const window = draw.pick([1, 3, 3, 3, 5]);
    const stride = draw.pick([1, 1, 2, 3]);
    const out = draw.whole(1, extents);
    const before = draw.whole(0, window - 1);
    const after = draw.whole(1 - stride, window - 1);
    const size = (out - 1) * stride + window - before - after;
    if (size >= 1 && (out - 1) * stride - before < size) return { size, window, stride, out, before, after };
  }
}

function convolutionShapes(draw) {
  const [rows, columns] = [slide(draw, 10), slide(draw, 10)];
  const [batch, inChannels, outChannels] = [
    draw.whole(1, 3),
    draw.pick([1, 3, 8, 16, 17, 32]),
    draw.pick([1, 4, 16, 16, 33]),
  ];
  return {
    geometry: integers([
      ...[batch, rows.size, columns.size, inChannels, rows.window, columns.window, outChannels, rows.out, columns.out],
      ...[rows.stride, columns.stride, rows.before, columns.before, rows.after, columns.after],
    ]),
    input: batch * rows.size * columns.size * inChannels,
    filter: rows.window * columns.window * inChannels * outChannels,
    output: batch * rows.out * columns.out * outChannels,
    outChannels,
  };
}

function poolingShapes(draw) {
  const [rows, columns] = [slide(draw, 8), slide(draw, 8)];
  const [batch, channels] = [draw.whole(1, 3), extent(draw)];
  return {
    geometry: integers([
      ...[batch, rows.size, columns.size, channels, rows.window, columns.window, rows.out, columns.out],
      ...[rows.stride, columns.stride, rows.before, columns.before],
    ]),
    input: batch * rows.size * columns.size * channels,
    output: batch * rows.out * columns.out * channels,
  };
}

function reduction(draw) {
  const [outer, reduced, inner] = [draw.whole(1, 8), extent(draw), draw.chance(0.5) ? 1 : draw.whole(1, 8)];
  return [floats(outer * reduced * inner, draw), floats(outer * inner, draw), ...[outer, reduced, inner].map(number)];
}

function rowsOf(draw) {
  const [rows, columns] = [extent(draw), extent(draw)];
  return { rows, columns, matrix: () => floats(rows * columns, draw), vector: () => floats(columns, draw) };
}

/** Matrices of which a fraction is large and sparse enough for the product of what is not 0. */
function gemmExtents(draw) {
  if (draw.chance(0.1)) return [draw.whole(20, 40), draw.whole(80, 100), 512];
  return [extent(draw), extent(draw), extent(draw)];
}

export const signatures = {
  describe: () => [],
  setThreads: (draw) => [number(draw.whole(1, 3))],
  allocate: (draw) => [number(draw.whole(0, 5000))],
  release: (draw) => [floats(extent(draw), draw)],
  gemm: (draw) => {
    const [m, n, k] = gemmExtents(draw);
    const [a, b, c] = [floats(m * k, draw), floats(k * n, draw), floats(m * n, draw)];
    const [alpha, beta] = [draw.pick([1, -0.5]), draw.pick([0, 1, 0.5])];
    return [flag(draw), flag(draw), number(m), number(n), number(k), number(alpha), a, b, number(beta), c];
  },
  batchedGemm: (draw) => {
    const [batch, batchA, batchB] = [draw.whole(1, 4), draw.whole(1, 4), draw.whole(1, 4)];
    const [m, n, k] = [extent(draw), extent(draw), extent(draw)];
    const arrays = [floats(batchA * m * k, draw), floats(batchB * k * n, draw), floats(batch * m * n, draw)];
    return [flag(draw), flag(draw), ...[batch, batchA, batchB, m, n, k].map(number), ...arrays];
  },
  relu: unary,
  negative: unary,
  square: unary,
  squareRoot: unary,
  reciprocalSquareRoot: unary,
  exponential: unary,
  logarithm: unary,
  step: (draw) => [...unary(draw), number(0.5)],
  reluInPlace: (draw) => unary(draw).slice(1),
  reluGradientInPlace: unary,
  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  squaredDifference: binary,
  addAndRectify: binary,
  reluGradient: binary,
  sum: (draw) => [...reduction(draw), number(0.5)],
  maximum: reduction,
  softmax: (draw) => {
    const { rows, columns, matrix } = rowsOf(draw);
    return [matrix(), matrix(), number(rows), number(columns)];
  },
  logSoftmax: (draw) => {
    const { rows, columns, matrix } = rowsOf(draw);
    return [matrix(), matrix(), number(rows), number(columns)];
  },
  softmaxCrossEntropy: (draw) => {
    const { rows, columns, matrix } = rowsOf(draw);
    return [matrix(), matrix(), floats(1, draw), matrix(), number(rows), number(columns)];
  },
  gatherScaled: (draw) => {
    const [rows, length, chosen] = [extent(draw), extent(draw), extent(draw)];
    return [bytes(rows * length, draw), indices(chosen, rows, draw), number(length), floats(chosen * length, draw)];
  },
  gatherColumns: (draw) => {
    const [rows, length, rowCount, columnCount] = [extent(draw), extent(draw), extent(draw), extent(draw)];
    return [
      ...[bytes(rows * length, draw), number(length), indices(rowCount, rows, draw), number(rowCount)],
      ...[indices(columnCount, length, draw), number(columnCount), floats(rowCount * columnCount, draw)],
    ];
  },
  addRowProducts: (draw) => {
    const { rows, columns, matrix } = rowsOf(draw);
    return [matrix(), matrix(), doubles(rows, draw), number(rows), number(columns)];
  },
  scaleRows: (draw) => {
    const { rows, columns, matrix } = rowsOf(draw);
    const start = draw.whole(0, 5);
    const stride = start + columns + draw.whole(0, 5);
    const arrays = [matrix(), doubles(rows, draw), floats(rows * stride, draw)];
    return [...arrays, number(rows), number(columns), number(stride), number(start)];
  },
  addRows: (draw) => {
    const { rows, columns } = rowsOf(draw);
    const [start, offset] = [draw.whole(0, 5), draw.whole(0, 5)];
    const stride = start + columns + draw.whole(0, 5);
    let place = -1;
    const places = Array.from({ length: rows }, () => {
      place += draw.whole(1, 3);
      return place;
    });
    const positions = draw.chance(0.7) ? { kind: 'array', type: 'Uint32Array', values: places } : { kind: 'null' };
    const total = doubles(offset + (positions.kind === 'null' ? rows : place + 1) * columns, draw);
    const x = floats(rows * stride, draw);
    return [x, number(stride), number(start), positions, number(rows), number(columns), total, number(offset)];
  },
  addMinibatchSquares: (draw) => {
    const [count, size, rows] = [draw.whole(1, 4), draw.whole(1, 9), extent(draw)];
    const [inputWidth, deltaWidth] = [extent(draw), extent(draw)];
    const inputs = (draw.chance(0.5) ? bytes : floats)(rows * inputWidth, draw);
    return [
      ...[doubles(count, draw), number(count), number(size)],
      ...[inputs, indices(count * size, rows, draw), number(inputWidth)],
      ...[floats(rows * deltaWidth, draw), indices(count * size, rows, draw), number(deltaWidth)],
      ...[number(draw.pick([1, 0.5])), number(0.25), flag(draw)],
    ];
  },
  stridedCopy,
  convolution: (draw) => {
    const { geometry, input, filter, output, outChannels } = convolutionShapes(draw);
    const bias = draw.chance(0.5) ? floats(outChannels, draw) : { kind: 'null' };
    return [floats(input, draw), floats(filter, draw), bias, floats(output, draw), geometry, flag(draw)];
  },
  convolutionBackwardInput: (draw) => {
    const { geometry, input, filter, output } = convolutionShapes(draw);
    return [floats(output, draw), floats(filter, draw), floats(input, draw), geometry];
  },
  convolutionBackwardFilter: (draw) => {
    const { geometry, input, filter, output } = convolutionShapes(draw);
    return [floats(input, draw), floats(output, draw), floats(filter, draw), geometry];
  },
  averagePool: (draw) => {
    const { geometry, input, output } = poolingShapes(draw);
    return [floats(input, draw), floats(output, draw), geometry];
  },
  averagePoolGradient: (draw) => {
    const { geometry, input, output } = poolingShapes(draw);
    return [floats(output, draw), floats(input, draw), geometry];
  },
  batchNorm: (draw) => {
    const { rows, columns, matrix, vector } = rowsOf(draw);
    const arrays = [matrix(), vector(), vector(), matrix(), vector(), vector()];
    return [...arrays, number(rows), number(columns), number(1e-3), flag(draw)];
  },
  batchNormInference: (draw) => {
    const { rows, columns, matrix, vector } = rowsOf(draw);
    const arrays = [matrix(), vector(), vector(), vector(), vector(), matrix()];
    return [...arrays, number(rows), number(columns), number(1e-3), flag(draw)];
  },
  batchNormGradient: (draw) => {
    const { rows, columns, matrix, vector } = rowsOf(draw);
    const arrays = [matrix(), matrix(), vector(), vector(), vector(), vector(), matrix(), vector(), vector()];
    return [...arrays, number(rows), number(columns), number(1e-3), flag(draw)];
  },
  addScaled: (draw) => {
    const count = extent(draw) * extent(draw);
    return [number(0.5), floats(count, draw), floats(count, draw), floats(count, draw), number(count)];
  },
  blend: (draw) => {
    const count = extent(draw) * extent(draw);
    return [number(0.5), floats(count, draw), number(2), floats(count, draw), floats(count, draw), number(count)];
  },
  gradientMoments: (draw) => {
    const [count, offset] = [extent(draw) * extent(draw), draw.whole(0, 9)];
    const u = draw.chance(0.7) ? floats(offset + count, draw) : { kind: 'null' };
    return [floats(count, draw), u, number(offset), doubles(2, draw), number(count)];
  },
  gradientDot: (draw) => {
    const [count, offset] = [extent(draw) * extent(draw), draw.whole(0, 9)];
    return [floats(count, draw), doubles(offset + count, draw), number(offset), number(count)];
  },
  accumulateGradients: (draw) => {
    const [samples, count, offset] = [draw.whole(1, 9), extent(draw) * extent(draw), draw.whole(0, 9)];
    const list = { kind: 'list', items: Array.from({ length: samples }, () => floats(count, draw)) };
    const sums = [doubles(offset + count, draw), doubles(offset + count, draw)];
    return [list, doubles(samples, draw), ...sums, number(offset), number(count)];
  },
};
