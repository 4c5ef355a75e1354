import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OnednnBackend } from '../../../../src/tensors/backends/onednn/backend.ts';
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

/** One step of a small network with the backend's own kernels: dense, batch normalisation with ReLU, dense, cross entropy. */
function trainingStep(weights: tf.Tensor[], x: tf.Tensor2D, labels: tf.Tensor): tf.Tensor[] {
  return tf.tidy(() => {
    const [w1, scale, offset, w2] = weights as [tf.Tensor2D, tf.Tensor, tf.Tensor, tf.Tensor2D];
    const attrs = { epsilon: 1e-5, relu: true };
    const normalised = { x: tf.matMul(x, w1), scale, offset };
    const [hidden, mean, variance] = runKernel<tf.Tensor[]>('BatchNormTraining', normalised, attrs) as [
      tf.Tensor2D,
      tf.Tensor,
      tf.Tensor,
    ];
    const logits = tf.matMul(hidden, w2);
    const [, dLogits] = runKernel<tf.Tensor[]>('SoftmaxCrossEntropy', { logits, labels }) as [tf.Scalar, tf.Tensor2D];
    const dy = tf.matMul(dLogits, w2, false, true);
    const operands = { ...normalised, dy, mean, variance };
    const [dx, dScale, dOffset] = runKernel<tf.Tensor[]>('BatchNormTrainingGradient', operands, attrs) as [
      tf.Tensor2D,
      tf.Tensor,
      tf.Tensor,
    ];
    const gradients = [tf.matMul(x, dx, true), dScale, dOffset, tf.matMul(hidden, dLogits, true)];
    return weights.map((weight, i) =>
      runKernel<tf.Tensor>(
        'GradientDescentStep',
        { weights: weight, gradient: gradients[i] as tf.Tensor },
        { learningRate: 0.1 },
      ),
    );
  });
}

function oneHot(labels: readonly number[]): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d([...labels], 'int32'), 10), 'float32'));
}

async function train(steps: number): Promise<Float32Array[]> {
  const x = uniformTensor<tf.Rank.R2>([64, 300], 1);
  const labels = oneHot(Array.from({ length: 64 }, (_, i) => i % 10));
  let weights: tf.Tensor[] = [
    uniformTensor<tf.Rank.R2>([300, 257], 2),
    tf.ones([257]),
    tf.zeros([257]),
    uniformTensor<tf.Rank.R2>([257, 10], 3),
  ];
  for (let step = 0; step < steps; step++) {
    const next = trainingStep(weights, x, labels);
    for (const weight of weights) weight.dispose();
    weights = next;
  }
  const values = weights.map((weight) => Float32Array.from(weight.dataSync()));
  for (const tensor of [...weights, x, labels]) tensor.dispose();
  return values;
}

describe.skipIf(binding === undefined)('training on the native backend', () => {
  beforeAll(useOnednn);
  afterAll(() => binding?.setThreads(1));

  it('gives the same bits again, with one thread and with two', async () => {
    for (const threads of [1, 2]) {
      binding?.setThreads(threads);
      const first = await train(20);
      expect(await train(20)).toEqual(first);
    }
    binding?.setThreads(1);
  });

  it('leaks no tensor, no buffer and no memory in a thousand steps', async () => {
    await train(200);
    const { numTensors, numBytes, numDataBuffers } = tf.memory();
    const dataIds = (tf.backend() as tf.KernelBackend).numDataIds();
    const before = process.memoryUsage().rss;
    await train(1000);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
    expect((tf.backend() as tf.KernelBackend).numDataIds()).toBe(dataIds);
    // A leaked buffer of the largest tensor alone would be 300 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6);
  });

  it('has the cross entropy and its gradient of TensorFlow.js', async () => {
    const labels = Array.from({ length: 64 }, (_, i) => (7 * i) % 10);
    const logitsOf = () => tf.mul(uniformTensor<tf.Rank.R2>([64, 10], 4), 20) as tf.Tensor2D;
    const [loss, gradient] = await valuesOn('cpu', () => {
      const lossOf = (z: tf.Tensor) => tf.losses.softmaxCrossEntropy(oneHot(labels), z) as tf.Scalar;
      const result = tf.valueAndGrad(lossOf)(logitsOf());
      return [result.value, result.grad];
    });
    const [value, grad] = runKernel<tf.Tensor[]>('SoftmaxCrossEntropy', {
      logits: logitsOf(),
      labels: oneHot(labels),
    }) as [tf.Tensor, tf.Tensor];
    expect(relativeError(value.dataSync(), loss as Float32Array)).toBeLessThan(1e-6);
    expect(relativeError(grad.dataSync(), gradient as Float32Array)).toBeLessThan(1e-5);
  });

  it('has the gradient of ReLU', async () => {
    const inputs = () => [uniformTensor<tf.Rank.R2>([33, 65], 5), uniformTensor<tf.Rank.R2>([33, 65], 6)] as const;
    const [expected] = await valuesOn('cpu', () => {
      const [x, dy] = inputs();
      return [tf.grad((u: tf.Tensor) => tf.relu(u))(x, dy)];
    });
    const [actual] = arraysOf(() => {
      const [x, dy] = inputs();
      return [runKernel<tf.Tensor>('ReluGradient', { dy, y: tf.relu(x) })];
    });
    // Not by toEqual, which tells 0 from the −0 of a product with 0.
    expect(relativeError(actual as Float32Array, expected as Float32Array)).toBe(0);
  });

  it.each([1, 2])('fuses ReLU into a convolution of stride %i', (stride) => {
    const [fused, plain] = arraysOf(() => {
      const x = uniformTensor<tf.Rank.R4>([4, 10, 10, 16], 12);
      const filter = uniformTensor<tf.Rank.R4>([3, 3, 16, 32], 13);
      const options = { x, filter, strides: stride, pad: 'same' as const };
      return [
        tf.fused.conv2d({ ...options, activation: 'relu' }),
        tf.relu(tf.conv2d(options.x, options.filter, options.strides, options.pad)),
      ];
    });
    expect(relativeError(fused as Float32Array, plain as Float32Array)).toBeLessThan(1e-6);
  });

  it('normalises by running statistics as cpu does', async () => {
    const compute = () => {
      const x = tf.add(uniformTensor<tf.Rank.R4>([3, 7, 5, 16], 15), 10) as tf.Tensor4D;
      const [mean, offset, scale] = [16, 17, 18].map((seed) => uniformTensor<tf.Rank.R1>([16], seed));
      const variance = tf.add(tf.abs(uniformTensor<tf.Rank.R1>([16], 19)), 0.1) as tf.Tensor1D;
      return [
        tf.batchNorm(x, tf.add(mean as tf.Tensor1D, 10) as tf.Tensor1D, variance, offset, scale, 1e-3),
        tf.batchNorm(x, mean as tf.Tensor1D, variance),
      ];
    };
    const expected = await valuesOn('cpu', compute);
    const actual = await valuesOn('onednn', compute);
    expected.forEach((values, index) => {
      expect(relativeError(actual[index] as Float32Array, values)).toBeLessThan(1e-5);
    });
  });

  // [shape, ReLU]; 16 channels are narrower than a vector register's long row, 800 wider.
  const norms: [number[], boolean][] = [
    [[64, 800], false],
    [[64, 800], true],
    [[8, 16, 16, 16], true],
    [[3, 5, 7, 33], false],
    [[19, 3], true],
  ];
  it.each(norms)('normalises %j by the batch, ReLU: %s', async (shape, relu) => {
    const channels = shape.at(-1) as number;
    const epsilon = 1e-5;
    const inputs = () => [
      // A mean far from 0 shows a variance that is computed with cancellation.
      tf.add(uniformTensor(shape as never, 7), 30),
      uniformTensor<tf.Rank.R1>([channels], 8),
      uniformTensor<tf.Rank.R1>([channels], 9),
    ];
    const axes = shape.slice(1).map((_, axis) => axis);
    const expected = doublePrecisionBatchNorm(shape, epsilon, relu);
    const outputs = arraysOf(() => {
      const [x, scale, offset] = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor];
      const dy = uniformTensor(shape as never, 10);
      const attrs = { epsilon, relu };
      const [y, mean, variance] = runKernel<tf.Tensor[]>('BatchNormTraining', { x, scale, offset }, attrs);
      const operands = { dy, x, scale, offset, mean, variance };
      const gradients = runKernel<tf.Tensor[]>('BatchNormTrainingGradient', operands, attrs);
      expect(relativeError((mean as tf.Tensor).dataSync(), tf.mean(x, axes).dataSync())).toBeLessThan(1e-6);
      return [y as tf.Tensor, variance as tf.Tensor, ...gradients];
    });
    expected.forEach((values, index) => {
      expect(relativeError(outputs[index] as Float32Array, values), `result ${index}`).toBeLessThan(1e-4);
    });
  });

  it('sums gradients, their directions and their products in double precision', () => {
    const shapes = [[300, 257], [257, 10], [10]];
    const d = shapes.reduce((total, [rows, columns = 1]) => total + (rows as number) * columns, 0);
    const direction = uniformValues(d, 11);
    const backend = tf.backend() as OnednnBackend;
    const accumulator = backend.gradientAccumulator(d);
    const sum = new Float64Array(d);
    const directions = new Float64Array(d);
    for (let sample = 0; sample < 21; sample++) {
      const tensors = shapes.map((shape, i) => uniformTensor(shape as never, 100 * sample + i));
      // One of them as a product that is put off.
      const k = 4;
      const pending = tf.matMul(
        uniformTensor<tf.Rank.R2>([k, 300], sample),
        uniformTensor<tf.Rank.R2>([k, 257], 50),
        true,
      );
      const parts = [pending, ...tensors.slice(1)];
      const { norm, product } = backend.gradientMoments(parts, direction);
      expect(accumulator.add(parts)).toBe(norm);
      const dot = accumulator.dot(parts, Float64Array.from(direction));
      const flat = parts.flatMap((tensor) => [...tensor.dataSync()]);
      for (const tensor of [...tensors, pending]) tensor.dispose();
      const exactNorm = Math.sqrt(flat.reduce((total, value) => total + value * value, 0));
      expect(Math.abs(norm / exactNorm - 1)).toBeLessThan(1e-12);
      const exactProduct = flat.reduce((total, value, i) => total + value * (direction[i] as number), 0);
      expect(Math.abs(product - exactProduct)).toBeLessThan(1e-9 * exactNorm);
      expect(Math.abs(dot - exactProduct)).toBeLessThan(1e-9 * exactNorm);
      flat.forEach((value, i) => {
        (sum[i] as number) += value;
        (directions[i] as number) += value / exactNorm;
      });
    }
    const sums = accumulator.sums();
    expect(relativeError(sums.sum, sum)).toBeLessThan(1e-12);
    expect(relativeError(sums.directions, directions)).toBeLessThan(1e-12);
    expect(() => accumulator.add([tf.ones([3])])).toThrow('3 elements where');
    expect(() => backend.gradientMoments([tf.ones([3])], direction)).toThrow('3 elements where');
  });
});

/** y, variance and the three gradients of batch normalisation, from the formulas of Ioffe & Szegedy (2015), section 3. */
function doublePrecisionBatchNorm(shape: number[], epsilon: number, relu: boolean): ArrayLike<number>[] {
  const channels = shape.at(-1) as number;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const m = size / channels;
  const x = Float64Array.from(uniformValues(size, 7), (value) => Math.fround(value + 30));
  const dy = uniformValues(size, 10);
  const scale = uniformValues(channels, 8);
  const offset = uniformValues(channels, 9);
  const y = new Float64Array(size);
  const dx = new Float64Array(size);
  const variances = new Float64Array(channels);
  const dScale = new Float64Array(channels);
  const dOffset = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const at = Array.from({ length: m }, (_, row) => row * channels + c);
    const meanOf = (value: (i: number) => number) => at.reduce((total, i) => total + value(i), 0) / m;
    const mean = meanOf((i) => x[i] as number);
    const variance = meanOf((i) => ((x[i] as number) - mean) ** 2);
    const deviation = Math.sqrt(variance + epsilon);
    const gamma = scale[c] as number;
    const normalised = (i: number) => ((x[i] as number) - mean) / deviation;
    const output = (i: number) => gamma * normalised(i) + (offset[c] as number);
    const gradient = (i: number) => (relu && output(i) <= 0 ? 0 : (dy[i] as number));
    variances[c] = variance;
    dOffset[c] = m * meanOf(gradient);
    dScale[c] = m * meanOf((i) => gradient(i) * normalised(i));
    for (const i of at) {
      y[i] = relu ? Math.max(0, output(i)) : output(i);
      const throughStatistics = ((dOffset[c] as number) + normalised(i) * (dScale[c] as number)) / m;
      dx[i] = (gamma / deviation) * (gradient(i) - throughStatistics);
    }
  }
  return [y, variances, dx, dScale, dOffset];
}
