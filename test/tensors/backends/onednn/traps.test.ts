import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { addonFile, binding, runKernel, uniformValues, useOnednn } from './native.ts';

interface CpuLike {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
}

/** A tensor as a cpu kernel may leave it, whose array need not fit its type. */
function tensorOf(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.Tensor {
  const info = (tf.backend() as unknown as CpuLike).makeTensorInfo(shape, dtype, values);
  return tf.engine().makeTensorFromTensorInfo(info);
}

const descend = (weights: tf.Tensor, gradient: tf.Tensor, learningRate: number): tf.Tensor =>
  runKernel('GradientDescentStep', { weights, gradient }, { learningRate });

describe.skipIf(binding === undefined)('pitfalls of TensorFlow.js backends', () => {
  beforeAll(useOnednn);

  it('takes a float32 tensor whose data are an Int32Array or a Uint8Array', () => {
    const integers = tensorOf(Int32Array.of(1, -2, 3, -4), [2, 2], 'float32');
    const bytes = tensorOf(Uint8Array.of(1, 0, 1, 1), [2, 2], 'float32');
    expect([...tf.add(integers, bytes).dataSync()]).toEqual([2, -2, 4, -3]);
    expect([...tf.matMul(integers, bytes).dataSync()]).toEqual([-1, -2, -1, -4]);
    expect([...tf.relu(integers).dataSync()]).toEqual([1, 0, 3, 0]);
    expect(tf.sum(integers).dataSync()[0]).toBe(-2);
  });

  it('casts integers and truth values to float32 by value', () => {
    const cast = tf.cast(tf.tensor1d([1, 2, 3], 'int32'), 'float32');
    expect(cast.dataSync()).toEqual(Float32Array.of(1, 2, 3));
    expect(tf.cast(tf.tensor1d([true, false], 'bool'), 'float32').dataSync()).toEqual(Float32Array.of(1, 0));
  });

  it('reads subarrays at their own offset', () => {
    const memory = Float32Array.from({ length: 12 }, (_, i) => i);
    const tensor = tf.tensor2d(memory.subarray(5, 9), [2, 2]);
    expect([...tf.matMul(tensor, tf.eye(2)).dataSync()]).toEqual([5, 6, 7, 8]);
    expect([...tf.add(tensor, 1).dataSync()]).toEqual([6, 7, 8, 9]);
  });

  it('keeps a slice as it was when the sliced tensor is overwritten', () => {
    const weights = tf.add(tf.tensor1d([1, 2, 3, 4]), 0);
    const slice = tf.slice(weights, 1, 2);
    const after = descend(weights, tf.ones([4]), 0.5);
    expect([...slice.dataSync()]).toEqual([2, 3]);
    expect([...after.dataSync()]).toEqual([0.5, 1.5, 2.5, 3.5]);
  });

  it("never writes into a caller's array that a tensor was made from", () => {
    const values = Float32Array.of(1, 2, 3);
    const weights = tf.tensor1d(values);
    const after = descend(weights, tf.ones([3]), 1);
    expect([...values]).toEqual([1, 2, 3]);
    expect([...after.dataSync()]).toEqual([0, 1, 2]);
  });

  it('overwrites weights in place only while nobody shares them', () => {
    const alone = tf.add(tf.tensor1d([1, 2, 3]), 0);
    const inPlace = descend(alone, tf.ones([3]), 1);
    expect(inPlace.dataId).toBe(alone.dataId);

    const shared = tf.add(tf.tensor1d([1, 2, 3]), 0);
    const clone = shared.clone();
    const reshaped = tf.reshape(shared, [3, 1]);
    const after = descend(shared, tf.ones([3]), 1);
    expect(after.dataId).not.toBe(shared.dataId);
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    expect([...reshaped.dataSync()]).toEqual([1, 2, 3]);
    expect([...after.dataSync()]).toEqual([0, 1, 2]);
  });

  it('infers an extent of a shape, and still updates the array in place', () => {
    const weights = tf.add(tf.tensor1d([1, 2, 3, 4]), 0);
    const reshaped = tf.reshape(weights, [-1, 2]);
    expect(reshaped.shape).toEqual([2, 2]);
    expect([...tf.neg(reshaped).dataSync()]).toEqual([-1, -2, -3, -4]);
    reshaped.dispose();
    // In place, because nobody has seen the array.
    expect(descend(weights, tf.ones([4]), 1).dataId).toBe(weights.dataId);
    expect(() => tf.reshape(weights, [-1, 3])).toThrow();
  });

  it('does not reuse an array that dataSync has returned', () => {
    const weights = tf.add(tf.tensor1d([1, 2, 3]), 0);
    const read = weights.dataSync();
    const after = descend(weights, tf.ones([3]), 1);
    weights.dispose();
    after.dispose();
    // Were the memory used again, one of these would land in it.
    for (let i = 0; i < 4; i++) tf.add(tf.tensor1d([7, 8, 9]), i);
    expect([...read]).toEqual([1, 2, 3]);
  });

  it('counts references of Identity and Reshape', () => {
    const x = tf.add(tf.tensor1d([1, 2, 3, 4]), 0);
    const clone = x.clone();
    const reshaped = tf.reshape(x, [2, 2]);
    x.dispose();
    tf.add(tf.tensor1d([9, 9, 9, 9]), 0);
    expect([...clone.dataSync()]).toEqual([1, 2, 3, 4]);
    clone.dispose();
    expect([...reshaped.dataSync()]).toEqual([1, 2, 3, 4]);
    expect(tf.backend().refCount(reshaped.dataId)).toBe(1);
  });

  it('defers a large product, and computes it from the values at the time of the call', () => {
    const [m, n, k] = [300, 280, 8];
    const a = tf.tensor2d(uniformValues(k * m, 1), [k, m]);
    const weights = tf.add(tf.tensor2d(uniformValues(k * n, 2), [k, n]), 0);
    const before = tf.matMul(tf.transpose(a), weights).dataSync();
    const product = tf.matMul(a, weights, true, false);
    descend(weights, tf.ones([k, n]), 1);
    a.dispose();
    weights.dispose();
    const values = product.dataSync();
    expect(Math.max(...values.map((value, i) => Math.abs(value - (before[i] as number))))).toBeLessThan(1e-5);
  });

  it('descends along a deferred product, in place and not', () => {
    const [m, n, k] = [300, 280, 8];
    const a = tf.tensor2d(uniformValues(k * m, 3), [k, m]);
    const b = tf.tensor2d(uniformValues(k * n, 4), [k, n]);
    const start = uniformValues(m * n, 5);
    const expected = tf.sub(tf.tensor2d(start, [m, n]), tf.mul(tf.matMul(tf.transpose(a), b), 0.1)).dataSync();
    const farthest = (after: tf.Tensor) =>
      Math.max(...(after.dataSync() as Float32Array).map((value, i) => Math.abs(value - (expected[i] as number))));
    expect(farthest(descend(tf.tensor2d(start, [m, n]), tf.matMul(a, b, true), 0.1))).toBeLessThan(1e-6);
    expect(farthest(descend(tf.add(tf.tensor2d(start, [m, n]), 0), tf.matMul(a, b, true), 0.1))).toBeLessThan(1e-6);
  });

  it('has native kernels where those of cpu call each other as plain functions', () => {
    for (const name of ['Sum', 'Mean', 'Max', 'Softmax', 'BatchMatMul', '_FusedMatMul', 'AddN', 'FusedConv2D']) {
      expect(tf.getKernel(name, 'onednn').kernelFunc, name).not.toBe(tf.getKernel(name, 'cpu').kernelFunc);
    }
    for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
      expect(tf.getKernel(kernelName, 'onednn'), kernelName).toBeDefined();
    }
  });

  it('leaves integers, complex numbers, empty tensors and NCHW to the cpu kernels', () => {
    const integers = tf.add(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32'));
    expect(integers.dtype).toBe('int32');
    expect([...integers.dataSync()]).toEqual([4, 6]);
    expect([...tf.complex([1, 2], [3, 4]).reshape([2, 1]).dataSync()]).toEqual([1, 3, 2, 4]);
    expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
    expect([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).dataSync()]).toEqual([0, 0, 0, 0]);
    expect(tf.sum(tf.zeros([0, 3]), 0).dataSync()).toEqual(new Float32Array(3));
    const channelsFirst = runKernel<tf.Tensor>(
      'Conv2D',
      { x: tf.ones([1, 2, 3, 3]), filter: tf.ones([3, 3, 2, 1]) },
      { strides: [1, 1], pad: 'valid', dataFormat: 'NCHW', dilations: [1, 1] },
    );
    expect(channelsFirst.shape).toEqual([1, 1, 1, 1]);
    expect(channelsFirst.dataSync()[0]).toBe(18);
  });

  it('propagates NaN', () => {
    const x = tf.tensor1d([Number.NaN, -1, 2]);
    expect([...tf.relu(x).dataSync()]).toEqual([Number.NaN, 0, 2]);
    expect(tf.max(x).dataSync()[0]).toBeNaN();
    expect(tf.sum(x).dataSync()[0]).toBeNaN();
    expect([...tf.step(x).dataSync()]).toEqual([Number.NaN, 0, 1]);
  });

  it('is created and disposed again and again', async () => {
    const factory = tf.findBackendFactory('onednn');
    for (let i = 0; i < 50; i++) {
      tf.removeBackend('onednn');
      tf.registerBackend('onednn', factory);
      await tf.setBackend('onednn');
      expect([...tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync()]).toEqual([3, 3]);
    }
  });

  it('works under the signals of a profiler', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmfdag-profile-'));
    const script = `
      const binding = require(process.argv[1]);
      const [a, b, c] = [64 * 784, 784 * 800, 64 * 800].map((count) => binding.allocate(count).fill(1));
      for (let i = 0; i < 1000; i++) {
        binding.gemm(false, false, 64, 800, 784, 1, a, b, 0, c);
        Buffer.allocUnsafeSlow(1000 + i);
      }
      process.stdout.write(String(c.every((value) => value === 784)));`;
    try {
      const profiling = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder];
      const { stdout, signal } = spawnSync(process.execPath, [...profiling, '-e', script, addonFile], {
        encoding: 'utf8',
      });
      expect({ stdout, signal }).toEqual({ stdout: 'true', signal: null });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('computes in single precision', () => {
    expect((tf.backend() as tf.KernelBackend).floatPrecision()).toBe(32);
  });

  it('refuses arrays that are too short or of another type', () => {
    const short = new Float32Array(3);
    expect(() => binding?.gemm(false, false, 2, 2, 2, 1, short, short, 0, short)).toThrow(RangeError);
    expect(() => binding?.relu(new Float64Array(3) as never, short, 3)).toThrow(TypeError);
    expect(() =>
      runKernel('SoftmaxCrossEntropy', { logits: tf.ones([1, 2]), labels: tf.tensor1d([2], 'int32') }),
    ).toThrow('SoftmaxCrossEntropy takes float32 logits and labels [m, classes]');
    expect(() => binding?.gatherScaled(new Uint8Array(6), Uint32Array.of(0, 2), 3, new Float32Array(6))).toThrow(
      'row 2 is beyond the end',
    );
  });
});
