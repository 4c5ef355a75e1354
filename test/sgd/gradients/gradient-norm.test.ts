import { describe, expect, it } from 'vitest';
import { MinibatchGradientNorms } from '../../../src/sgd/gradients/gradient-norm.ts';
import { withModel } from '../../../src/sgd/networks/model.ts';
import { BACKENDS, examplesAt, SETUPS, someDataset, someWeights, tensorFlow } from '../support/fixtures.ts';
import { finiteDifferences, toFloat64 } from '../support/reference.ts';

const indices = Uint32Array.of(3, 38, 0, 17, 21);

function expectedNorm(name: keyof typeof SETUPS, minibatch: Uint32Array): number {
  const setup = SETUPS[name];
  const { images, labels } = examplesAt(someDataset(40, setup.imageShape), minibatch);
  const weights = toFloat64(someWeights(setup));
  const trainable = Object.keys(weights).filter((variable) => !variable.includes('/moving'));
  return Math.hypot(
    ...trainable.flatMap((variable) => [...finiteDifferences(setup, weights, variable, images, labels)]),
  );
}

const normOf = async (name: keyof typeof SETUPS, backend: string, part: number | undefined, minibatch = indices) => {
  const tf = await tensorFlow(backend);
  const setup = SETUPS[name];
  const dataset = someDataset(40, setup.imageShape);
  return withModel(tf, setup.architecture, setup.imageShape, someWeights(setup), (model) =>
    new MinibatchGradientNorms(tf, model, dataset, minibatch.length, part).norm(minibatch, 'a test'),
  );
};

describe('MinibatchGradientNorms', () => {
  it.each(BACKENDS)('gives what float64 finite differences give, on %s', async (backend) => {
    expect((await normOf('dfnn', backend, undefined)) / expectedNorm('dfnn', indices)).toBeCloseTo(1, 5);
  });

  it('takes a single example', async () => {
    const one = Uint32Array.of(17);
    expect((await normOf('fnn', 'wasm', undefined, one)) / expectedNorm('fnn', one)).toBeCloseTo(1, 5);
  });

  it.each([1, 2, 3, 4, 5])('weights parts of %d examples, and the rest, by their sizes', async (part) => {
    expect((await normOf('cnn', 'wasm', part)) / (await normOf('cnn', 'wasm', undefined))).toBeCloseTo(1, 5);
  });

  it('does not take minibatches apart that batch normalisation holds together', async () => {
    expect((await normOf('fnn+bn', 'wasm', 2)) / expectedNorm('fnn+bn', indices)).toBeCloseTo(1, 4);
  });
});
