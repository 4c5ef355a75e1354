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
    const loss = (w1: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, w2: tf.Tensor): tf.Scalar => {
      const [hidden] = runKernel<tf.Tensor[]>(
        'BatchNormTraining',
        { x: tf.matMul(x, w1 as tf.Tensor2D), scale: gamma, offset: beta },
        { epsilon: 1e-5, relu: true },
      );
      const logits = tf.matMul(hidden as tf.Tensor2D, w2 as tf.Tensor2D);
      return runKernel<tf.Tensor[]>('SoftmaxCrossEntropy', { logits, labels })[0] as tf.Scalar;
    };
    const { grads } = tf.valueAndGrads(loss as (...args: tf.Tensor[]) => tf.Scalar)(weights);
    return weights.map((weight, i) =>
      runKernel<tf.Tensor>(
        'GradientDescentStep',
        { weights: weight, gradient: grads[i] as tf.Tensor },
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
    const { value, grad } = tf.valueAndGrad((logits: tf.Tensor) => {
      return runKernel<tf.Tensor[]>('SoftmaxCrossEntropy', { logits, labels: oneHot(labels) })[0] as tf.Scalar;
    })(logitsOf());
    expect(relativeError(value.dataSync(), loss as Float32Array)).toBeLessThan(1e-6);
    expect(relativeError(grad.dataSync(), gradient as Float32Array)).toBeLessThan(1e-5);
  });

  it('has the gradient of ReLU, and its gradient', async () => {
    const compute = () => {
      const x = uniformTensor<tf.Rank.R2>([33, 65], 5);
      const dy = uniformTensor<tf.Rank.R2>([33, 65], 6);
      const first = (t: tf.Tensor, g: tf.Tensor) => tf.grad((u: tf.Tensor) => tf.relu(u))(t, g);
      return [first(x, dy), tf.grad((g: tf.Tensor) => tf.square(first(x, g)))(dy)];
    };
    const expected = await valuesOn('cpu', compute);
    const actual = await valuesOn('onednn', compute);
    // Not by toEqual, which tells 0 from the −0 of a product with 0.
    expected.forEach((values, index) => {
      expect(relativeError(actual[index] as Float32Array, values)).toBe(0);
    });
  });

  it.each([1, 2])('fuses ReLU into a convolution of stride %i, with the gradient of the two', (stride) => {
    const attrs = { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
    const fused = (x: tf.Tensor, filter: tf.Tensor) => runKernel<tf.Tensor>('Conv2DRelu', { x, filter }, attrs);
    const plain = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same'));
    const results = [fused, plain].map((layer) =>
      arraysOf(() => {
        const x = uniformTensor<tf.Rank.R4>([4, 10, 10, 16], 12);
        const first = uniformTensor<tf.Rank.R4>([3, 3, 16, 32], 13);
        const second = uniformTensor<tf.Rank.R4>([3, 3, 32, 16], 14);
        const loss = (...[a, b, c]: tf.Tensor[]) =>
          tf.sum(tf.square(layer(layer(a as tf.Tensor, b as tf.Tensor), c as tf.Tensor))) as tf.Scalar;
        // The second time without the input, whose gradient then nobody asks for.
        const all = tf.grads(loss)([x, first, second]);
        return [...all, ...tf.grads((b, c) => loss(x, b, c))([first, second])];
      }),
    );
    const [ofFused, ofPlain] = results as [Float32Array[], Float32Array[]];
    ofPlain.forEach((values, index) => {
      expect(relativeError(ofFused[index] as Float32Array, values), `gradient ${index}`).toBeLessThan(1e-6);
    });
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
      const forward = (...[a, b, c]: tf.Tensor[]) =>
        runKernel<tf.Tensor[]>('BatchNormTraining', { x: a, scale: b, offset: c }, { epsilon, relu });
      const [y, mean, variance] = forward(x, scale, offset);
      const gradients = tf.grads((...args: tf.Tensor[]) => forward(...args)[0] as tf.Tensor)([x, scale, offset], dy);
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
