import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { trainableDimension, variablesOf } from '../../../src/sgd/networks/variables.ts';
import { initialWeights, weightsOf } from '../../../src/sgd/networks/weights.ts';

const mnist = { imageShape: [28, 28, 1], classes: 10 };
const network = (hidden: number[], batchNorm: boolean) => ({
  kind: 'fully-connected' as const,
  hidden,
  batchNorm: batchNorm ? { epsilon: 1e-5, momentum: 0.9 } : (false as const),
});

const cifar10 = { imageShape: [32, 32, 3], classes: 10 };
const convolutional = (residual: boolean, batchNorm: boolean) => ({
  kind: 'convolutional' as const,
  stem: 16,
  filters: [16, 32, 64],
  convolutionsPerGroup: 4,
  kernelSize: 3,
  residual,
  batchNorm: batchNorm ? { epsilon: 1e-5, momentum: 0.9 } : (false as const),
});

describe('variables', () => {
  it.each([
    ['fnn', [800], false, 635_200],
    ['fnn+bn', [800], true, 636_800],
    ['dfnn', [800, 800, 800], false, 1_915_200],
    ['dfnn+bn', [800, 800, 800], true, 1_920_000],
  ])('%s has the dimension that the paper states', (_, hidden, batchNorm, dimension) => {
    expect(trainableDimension(variablesOf(network(hidden, batchNorm), mnist))).toBe(dimension);
  });

  it.each([
    ['cnn', false, false, 171_568],
    ['cnn+bn', false, true, 172_496],
    ['cnn+res', true, false, 171_568],
    ['cnn+res+bn', true, true, 172_496],
  ])('%s has the dimension that the paper states, in 14 kernels', (_, residual, batchNorm, dimension) => {
    const variables = variablesOf(convolutional(residual, batchNorm), cifar10);
    expect(trainableDimension(variables)).toBe(dimension);
    expect(variables.filter(({ name }) => name.endsWith('/kernel'))).toHaveLength(14);
  });

  it('of a convolutional network have as many channels as the layer before has filters', () => {
    const small = { ...convolutional(true, false), stem: 4, filters: [5, 6], convolutionsPerGroup: 2, kernelSize: 5 };
    const variables = variablesOf(small, { imageShape: [9, 8, 3], classes: 7 });
    expect(variables.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'stem/kernel 5x5x3x4',
      'group1/convolution1/kernel 5x5x4x5',
      'group1/convolution2/kernel 5x5x5x5',
      'group2/convolution1/kernel 5x5x5x6',
      'group2/convolution2/kernel 5x5x6x6',
      'logits/kernel 6x7',
    ]);
    // Glorot and Bengio's fans of a convolution count each place in the window.
    expect(variables[1]?.initialisation).toEqual({ kind: 'glorot uniform', fanIn: 100, fanOut: 125 });
    expect(variables.at(-1)?.initialisation).toEqual({ kind: 'glorot uniform', fanIn: 6, fanOut: 7 });
  });

  it('are in a fixed order, with the running statistics among them but not trainable', () => {
    const variables = variablesOf(network([5, 3], true), { imageShape: [2, 2, 1], classes: 4 });
    expect(variables.map(({ name, shape, trainable }) => `${name} ${shape.join('x')} ${trainable}`)).toEqual([
      'hidden1/kernel 4x5 true',
      'hidden1/gamma 5 true',
      'hidden1/beta 5 true',
      'hidden1/movingMean 5 false',
      'hidden1/movingVariance 5 false',
      'hidden2/kernel 5x3 true',
      'hidden2/gamma 3 true',
      'hidden2/beta 3 true',
      'hidden2/movingMean 3 false',
      'hidden2/movingVariance 3 false',
      'logits/kernel 3x4 true',
    ]);
  });
});

describe('initial weights', () => {
  const weights = initialWeights(variablesOf(network([800], true), mnist), (variable) =>
    randomStream(1, 'initial weights', { variable }),
  );
  const valuesOf = (name: string) => weights[name]?.data ?? new Float32Array();

  it.each([
    ['hidden1/kernel', 784, 800],
    ['logits/kernel', 800, 10],
  ])('of %s are uniform on the bounds of Glorot and Bengio', (name, fanIn, fanOut) => {
    const values = valuesOf(name);
    const n = fanIn * fanOut;
    expect(values.length).toBe(n);
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const scaled = Float64Array.from(values, (value) => value / limit);
    // The extremes of n uniforms come within ~10/n of the bounds, and float32 rounds by 6e-8.
    expect(scaled.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(1 + 1e-7);
    expect(scaled.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(1 - 10 / n);
    expect(scaled.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(-1 - 1e-7);
    expect(scaled.reduce((a, b) => Math.min(a, b))).toBeLessThan(-1 + 10 / n);
    // Mean 0 and variance 1/3, each within 5 standard errors (√(1/3n) and √(4/45n)).
    const mean = scaled.reduce((sum, x) => sum + x, 0) / n;
    const variance = scaled.reduce((sum, x) => sum + x * x, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / (3 * n)));
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / (45 * n)));
  });

  it('of batch normalisation are the identity', () => {
    expect(new Set(valuesOf('hidden1/gamma'))).toEqual(new Set([1]));
    expect(new Set(valuesOf('hidden1/beta'))).toEqual(new Set([0]));
    expect(new Set(valuesOf('hidden1/movingMean'))).toEqual(new Set([0]));
    expect(new Set(valuesOf('hidden1/movingVariance'))).toEqual(new Set([1]));
  });

  it('of a variable do not depend on the shape of another', () => {
    const streamOf = (variable: string) => randomStream(1, 'initial weights', { variable });
    const kernelIn = (hidden: number[]) =>
      initialWeights(variablesOf(network(hidden, false), mnist), streamOf)['hidden1/kernel']?.data;
    expect(kernelIn([8, 3])).toEqual(kernelIn([8]));
  });
});

describe('weights of an artefact', () => {
  const architecture = network([5], true);
  const signature = { imageShape: [2, 2, 1], classes: 3 };
  const weights = initialWeights(variablesOf(architecture, signature), (name) => randomStream(1, name));

  it('are read with the number of classes', () => {
    const found = weightsOf(architecture, signature.imageShape, weights);
    expect(found.classes).toBe(3);
    expect(found.values).toEqual(weights);
  });

  it.each([
    ['another architecture', network([6], true), [2, 2, 1], /float32 \[4, 6\]/],
    ['a missing variable', network([5, 5], true), [2, 2, 1], /nothing as "hidden2\/kernel"/],
    ['another image shape', architecture, [3, 2, 1], /Float32Array \[4, 5\] as "hidden1\/kernel"/],
  ])('of %s are refused by name', (_, other, imageShape, message) => {
    expect(() => weightsOf(other, imageShape, weights)).toThrow(message);
  });

  it('of another type are refused', () => {
    const wrong = { ...weights, 'logits/kernel': { shape: [5, 3], data: new Float64Array(15) } };
    expect(() => weightsOf(architecture, signature.imageShape, wrong)).toThrow(/Float64Array \[5, 3\]/);
  });
});
