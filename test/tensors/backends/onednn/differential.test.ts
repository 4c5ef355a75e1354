import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  arraysOf,
  binding,
  relativeError,
  runKernel,
  uniformTensor,
  uniformValues,
  useOnednn,
  valuesOn,
} from './native.ts';

const TOLERANCE = 1e-5;

/** Compares what `compute` gives on both backends. */
async function expectAgreement(label: string, compute: () => tf.Tensor[]): Promise<void> {
  const expected = await valuesOn('cpu', compute);
  const actual = await valuesOn('onednn', compute);
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, index) => {
    expect(relativeError(actual[index] as Float32Array, values), `${label}, result ${index}`).toBeLessThan(TOLERANCE);
  });
}

describe.skipIf(binding === undefined)('the native kernels against those of cpu', () => {
  beforeAll(useOnednn);

  const products: [number, number, number][] = [
    [64, 800, 784],
    [64, 10, 800],
    [784, 800, 64],
    [1, 800, 784],
    [16, 10, 64],
    [33, 65, 17],
    [1, 1, 1],
    [7, 129, 3],
    [300, 260, 5],
  ];
  it.each(products)('multiplies to %i × %i over %i, all transposes', (m, n, k) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = uniformValues(m * k, 1);
        const b = uniformValues(k * n, 2);
        const [product] = arraysOf(() => {
          const left = tf.tensor2d(a, transposeA ? [k, m] : [m, k]);
          const right = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
          return [tf.matMul(left, right, transposeA, transposeB)];
        });
        // The first, the last and some rows between, in double precision.
        const rows = [...new Set([0, m >> 1, (m * 2) / 3 - 1, m - 1].map((row) => Math.max(0, Math.floor(row))))];
        for (const row of rows) {
          const expected = new Float64Array(n);
          for (let i = 0; i < k; i++) {
            const left = a[transposeA ? i * m + row : row * k + i] as number;
            for (let j = 0; j < n; j++) {
              (expected[j] as number) += left * (b[transposeB ? j * k + i : i * n + j] as number);
            }
          }
          const actual = product?.subarray(row * n, (row + 1) * n) ?? [];
          expect(relativeError(actual, expected), `${transposeA} ${transposeB}, row ${row}`).toBeLessThan(TOLERANCE);
        }
      }
    }
  });

  it.each([
    [64, 800, 784],
    [784, 800, 64],
    [100, 80, 90],
    [97, 83, 120],
    [40, 245, 211],
  ])('multiplies a matrix of many zeros, %i × %i over %i', (m, n, k) => {
    const { gemm } = binding as NonNullable<typeof binding>;
    for (const transposeA of [false, true]) {
      // Of rows 3 and 4 nothing is left.
      const kept = uniformValues(m * k, 4).map((value) => (value > 0.6 ? 1 : 0));
      const at = (i: number, j: number) => (transposeA ? j * m + i : i * k + j);
      const a = uniformValues(m * k, 1).map((value, index) => value * (kept[index] as number));
      for (let j = 0; j < k; j++) for (const i of [3, 4]) a[at(i, j)] = 0;
      const b = uniformValues(k * n, 2);
      for (const [alpha, beta] of [
        [1, 0],
        [-0.01, 1],
        [0.5, 0.25],
      ] as const) {
        // What is not read cannot come through.
        const old = beta === 0 ? new Float32Array(m * n).fill(Number.NaN) : uniformValues(m * n, 3);
        const expected = Float64Array.from(old, (value) => (beta === 0 ? 0 : beta * value));
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < k; j++) {
            const factor = alpha * (a[at(i, j)] as number);
            if (factor === 0) continue;
            for (let c = 0; c < n; c++) (expected[i * n + c] as number) += factor * (b[j * n + c] as number);
          }
        }
        gemm(transposeA, false, m, n, k, alpha, a, b, beta, old);
        expect(relativeError(old, expected), `${transposeA} ${alpha} ${beta}`).toBeLessThan(1e-6);
      }
    }
  });

  it('multiplies batches, and one matrix with each of a batch', async () => {
    await expectAgreement('batches', () => {
      const a = uniformTensor<tf.Rank.R3>([3, 7, 20], 1);
      const b = uniformTensor<tf.Rank.R3>([3, 20, 9], 2);
      const one = uniformTensor<tf.Rank.R3>([1, 20, 9], 3);
      const fourth = uniformTensor<tf.Rank.R4>([2, 3, 9, 20], 4);
      return [tf.matMul(a, b), tf.matMul(a, one), tf.matMul(one, a, true, true), tf.matMul(fourth, one)];
    });
  });

  it('fuses bias and activation into a product', async () => {
    await expectAgreement('fused', () => {
      const a = uniformTensor<tf.Rank.R2>([64, 33], 1);
      const b = uniformTensor<tf.Rank.R2>([33, 18], 2);
      const bias = uniformTensor<tf.Rank.R1>([18], 3);
      return [
        tf.fused.matMul({ a, b, transposeA: false, transposeB: false, bias, activation: 'relu' }),
        tf.fused.matMul({ a, b, transposeA: false, transposeB: false, activation: 'relu' }),
        tf.fused.matMul({ a, b, transposeA: false, transposeB: false, bias, activation: 'sigmoid' }),
      ];
    });
  });

  const broadcasts: [number[], number[]][] = [
    [
      [64, 800],
      [64, 800],
    ],
    [[64, 800], [800]],
    [
      [64, 800],
      [1, 800],
    ],
    [
      [64, 10],
      [64, 1],
    ],
    [
      [64, 1],
      [64, 10],
    ],
    [[], [5, 7]],
    [[5, 7], [1]],
    [[4, 6, 6, 16], [16]],
    [
      [4, 1, 6, 1],
      [3, 1, 5],
    ],
    [
      [2, 1, 3, 1, 2],
      [1, 4, 1, 5, 1],
    ],
    [
      [2, 1, 3, 1, 2, 1],
      [1, 4, 1, 5, 1, 2],
    ],
  ];
  it.each(broadcasts)('broadcasts %j with %j', async (shapeA, shapeB) => {
    await expectAgreement('binary', () => {
      const a = uniformTensor(shapeA as never, 1);
      const b = tf.add(uniformTensor(shapeB as never, 2), 3);
      return [tf.add(a, b), tf.sub(a, b), tf.mul(a, b), tf.div(a, b), tf.squaredDifference(a, b)];
    });
  });

  it('applies functions elementwise, tails included', async () => {
    for (const count of [1, 15, 16, 1000, 70_001]) {
      await expectAgreement(`${count}`, () => {
        const x = uniformTensor<tf.Rank.R1>([count], 5);
        const positive = tf.add(tf.abs(x), 0.1);
        return [
          ...[tf.relu, tf.neg, tf.square, tf.exp].map((f) => f(x)),
          ...[tf.sqrt, tf.rsqrt, tf.log].map((f) => f(positive)),
          tf.step(x, 0.25),
          tf.addN([x, positive, x]),
        ];
      });
    }
  });

  const reductions: [number[], number | number[] | undefined][] = [
    [[64, 800], 0],
    [[64, 800], 1],
    [[64, 800], undefined],
    [
      [3, 8, 8, 16],
      [1, 2],
    ],
    [
      [3, 8, 8, 16],
      [0, 1, 2],
    ],
    [
      [3, 5, 7],
      [0, 2],
    ],
    [
      [3, 1, 7],
      [0, 2],
    ],
    [[3, 5, 7], -1],
    [[1, 1], [0]],
  ];
  it.each(reductions)('reduces %j over %j', async (shape, axis) => {
    for (const keepDims of [false, true]) {
      await expectAgreement(`${keepDims}`, () => {
        const x = uniformTensor(shape as never, 6);
        return [tf.sum(x, axis, keepDims), tf.mean(x, axis, keepDims), tf.max(x, axis, keepDims)];
      });
    }
  });

  it('takes softmax and its logarithm, of large logits too', async () => {
    await expectAgreement('softmax', () => {
      const x = tf.mul(uniformTensor<tf.Rank.R2>([64, 10], 7), 200);
      return [tf.softmax(x), tf.logSoftmax(x), tf.softmax(uniformTensor<tf.Rank.R3>([2, 3, 17], 8))];
    });
  });

  it('moves elements', async () => {
    await expectAgreement('layout', () => {
      const x = uniformTensor<tf.Rank.R4>([3, 8, 6, 5], 9);
      const matrix = uniformTensor<tf.Rank.R2>([67, 35], 10);
      return [
        tf.transpose(matrix),
        tf.transpose(x, [0, 3, 1, 2]),
        tf.transpose(x, [3, 1, 0, 2]),
        tf.slice(x, [1, 2, 0, 1], [2, 3, 6, 2]),
        tf.slice(x, [1], [1]),
        tf.pad(
          x,
          [
            [0, 0],
            [1, 2],
            [0, 1],
            [3, 4],
          ],
          1.5,
        ),
        tf.tile(matrix, [2, 3]),
        tf.tile(uniformTensor<tf.Rank.R4>([1, 1, 1, 8], 11), [1, 4, 4, 1]),
      ];
    });
  });

  it('pools', async () => {
    await expectAgreement('pooling', () => {
      const x = uniformTensor<tf.Rank.R4>([3, 9, 8, 16], 12);
      return [
        tf.avgPool(x, 1, 2, 'valid'),
        tf.avgPool(x, [3, 2], [2, 1], 'same'),
        tf.grad((t) => tf.avgPool(t as tf.Tensor4D, 2, 2, 'valid'))(x),
        tf.grad((t) => tf.avgPool(t as tf.Tensor4D, 3, 2, 'same'))(x),
      ];
    });
  });
});

/** A convolution by its definition, one element at a time in double precision. */
class Reference {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly dy: Float32Array;
  readonly info: ReturnType<typeof tf.backend_util.computeConv2DInfo>;

  constructor(info: ReturnType<typeof tf.backend_util.computeConv2DInfo>) {
    this.info = info;
    this.x = uniformValues(tf.util.sizeFromShape(info.inShape), 1);
    this.filter = uniformValues(tf.util.sizeFromShape(info.filterShape), 2);
    this.dy = uniformValues(tf.util.sizeFromShape(info.outShape), 3);
  }

  /** Calls visit for each pair of an output position and a filter tap that meets the input. */
  #taps(batch: number, visit: (input: number, tap: number, output: number) => void): void {
    const i = this.info;
    for (let row = 0; row < i.outHeight; row++) {
      for (let column = 0; column < i.outWidth; column++) {
        for (let dy = 0; dy < i.filterHeight; dy++) {
          const y = row * i.strideHeight - i.padInfo.top + dy;
          if (y < 0 || y >= i.inHeight) continue;
          for (let dx = 0; dx < i.filterWidth; dx++) {
            const x = column * i.strideWidth - i.padInfo.left + dx;
            if (x < 0 || x >= i.inWidth) continue;
            const input = ((batch * i.inHeight + y) * i.inWidth + x) * i.inChannels;
            const output = ((batch * i.outHeight + row) * i.outWidth + column) * i.outChannels;
            visit(input, (dy * i.filterWidth + dx) * i.inChannels * i.outChannels, output);
          }
        }
      }
    }
  }

  /** Output and input gradient of one example, [pixels, channels]. */
  example(batch: number): { out: Float64Array; dx: Float64Array } {
    const { inChannels, outChannels, inHeight, inWidth, outHeight, outWidth } = this.info;
    const out = new Float64Array(outHeight * outWidth * outChannels);
    const dx = new Float64Array(inHeight * inWidth * inChannels);
    this.#taps(batch, (input, tap, output) => {
      for (let i = 0; i < inChannels; i++) {
        for (let o = 0; o < outChannels; o++) {
          const weight = this.filter[tap + i * outChannels + o] as number;
          (out[output - batch * out.length + o] as number) += (this.x[input + i] as number) * weight;
          (dx[input - batch * dx.length + i] as number) += (this.dy[output + o] as number) * weight;
        }
      }
    });
    return { out, dx };
  }

  /** The filter's gradient of one input and one output channel, for all taps and the whole batch. */
  filterGradient(inChannel: number, outChannel: number): Float64Array {
    const { filterHeight, filterWidth, inChannels, outChannels, batchSize } = this.info;
    const gradient = new Float64Array(filterHeight * filterWidth);
    for (let batch = 0; batch < batchSize; batch++) {
      this.#taps(batch, (input, tap, output) => {
        const product = (this.x[input + inChannel] as number) * (this.dy[output + outChannel] as number);
        (gradient[tap / (inChannels * outChannels)] as number) += product;
      });
    }
    return gradient;
  }
}

describe.skipIf(binding === undefined)('the native convolutions against double precision', () => {
  beforeAll(useOnednn);

  // [batch, height, width, channels in, channels out, filter, stride]: the layers of the models, then odd ones.
  const layers: [number, number, number, number, number, number, number][] = [
    [64, 32, 32, 3, 16, 3, 1],
    [64, 32, 32, 16, 16, 3, 1],
    [64, 32, 32, 16, 32, 3, 2],
    [64, 16, 16, 32, 32, 3, 1],
    [64, 16, 16, 32, 64, 3, 2],
    [64, 8, 8, 64, 64, 3, 1],
    [1, 32, 32, 16, 16, 3, 1],
    [16, 8, 8, 64, 64, 3, 1],
    [5, 13, 9, 16, 48, 3, 1],
    [1, 4, 6, 48, 16, 3, 1],
    [3, 28, 28, 32, 64, 3, 1],
    [7, 5, 7, 128, 32, 3, 1],
    [3, 11, 7, 5, 17, 3, 2],
    [2, 9, 9, 33, 7, 5, 1],
    [2, 4, 4, 8, 8, 7, 1],
    [5, 6, 10, 16, 32, 1, 1],
    [2, 10, 10, 1, 1, 2, 3],
    [2, 7, 9, 1, 1, 5, 1],
    [2, 9, 7, 40, 3, 1, 2],
    [1, 6, 8, 48, 20, 3, 2],
    [3, 5, 6, 33, 48, 1, 1],
    [2, 8, 9, 100, 65, 2, 1],
    // The copy of every second pixel that one of oneDNN's implementations makes is larger than the memory that it asks for.
    [2, 224, 224, 3, 8, 1, 2],
  ];
  it.each(layers)(
    'batch %i, %i × %i, %i to %i channels, filter %i, stride %i',
    (batch, h, w, inC, outC, size, stride) => {
      for (const pad of ['same', 'valid'] as const) {
        const info = tf.backend_util.computeConv2DInfo([batch, h, w, inC], [size, size, inC, outC], stride, 1, pad);
        if (info.outHeight < 1 || info.outWidth < 1) continue;
        const reference = new Reference(info);
        const attrs = { strides: stride, pad, dataFormat: 'NHWC' };
        const [out, dx, dFilter] = arraysOf(() => {
          const x = tf.tensor4d(reference.x, info.inShape);
          const filter = tf.tensor4d(reference.filter, info.filterShape);
          const dy = tf.tensor4d(reference.dy, info.outShape);
          return [
            tf.conv2d(x, filter, stride, pad),
            runKernel<tf.Tensor>('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: info.inShape }),
            runKernel<tf.Tensor>('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: info.filterShape }),
          ];
        }) as [Float32Array, Float32Array, Float32Array];
        const last = batch - 1;
        const expected = reference.example(last);
        const ofExample = (values: Float32Array, { length }: Float64Array) =>
          values.subarray(last * length, batch * length);
        expect(relativeError(ofExample(out, expected.out), expected.out), `${pad} out`).toBeLessThan(TOLERANCE);
        expect(relativeError(ofExample(dx, expected.dx), expected.dx), `${pad} dx`).toBeLessThan(TOLERANCE);
        // Of several pairs of channels, so that it is not the rounding of a single sum that cancels.
        const pairs = [
          [0, 0],
          [inC - 1, outC >> 1],
          [inC >> 1, outC - 1],
        ] as const;
        const gradients = pairs.flatMap(([i, o]) => [...reference.filterGradient(i, o)]);
        const ofPairs = pairs.flatMap(([i, o]) =>
          Array.from({ length: size * size }, (_, tap) => dFilter[(tap * inC + i) * outC + o] as number),
        );
        expect(relativeError(ofPairs, gradients), `${pad} filter gradient`).toBeLessThan(TOLERANCE);
      }
    },
  );

  it('fuses bias and ReLU', () => {
    tf.tidy(() => {
      const x = uniformTensor<tf.Rank.R4>([2, 8, 8, 16], 1);
      const filter = uniformTensor<tf.Rank.R4>([3, 3, 16, 32], 2);
      const bias = uniformTensor<tf.Rank.R1>([32], 3);
      const fused = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' });
      const plain = tf.relu(tf.add(tf.conv2d(x, filter, 1, 'same'), bias));
      expect(relativeError(fused.dataSync(), plain.dataSync())).toBeLessThan(1e-6);
    });
  });
});
