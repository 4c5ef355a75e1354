import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/base/random.ts';
import type { Tensors } from '../../src/engine/stage/index.ts';
import { variablesOf } from '../../src/sgd/networks/variables.ts';
import type { Weights } from '../../src/sgd/networks/weights.ts';
import { uniformDirection } from '../../src/sgd/statistics/sampler.ts';
import { datasetOf } from '../../src/sgd/training/dataset.ts';
import estimate from '../../stages/estimate.ts';
import init from '../../stages/init.ts';
import project from '../../stages/project.ts';
import sample from '../../stages/sample.ts';
import { groupsNamed, groupTensor } from '../../stages/support/group-tensors.ts';
import { parameterGroups } from '../../stages/support/parameter-groups.ts';
import { BACKENDS, examplesAt } from '../sgd/support/fixtures.ts';
import { finiteDifferences, toFloat64 } from '../sgd/support/reference.ts';
import { brightPixelImages, CLASSES, CONVOLUTIONAL, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';

const train = brightPixelImages(70);
const params: v.InferOutput<typeof sample.params> = {
  model: MODEL,
  batchSize: 8,
  gradientSamples: 5,
  jackknifeSamples: 3,
  examples: null,
  method: 'auto',
};
let weights: Tensors;
let convolutionalWeights: Tensors;
beforeAll(async () => {
  const draw = (model: typeof params.model) =>
    init.run(contextOf({ model, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {}));
  ({ weights } = await draw(MODEL));
  ({ weights: convolutionalWeights } = await draw(CONVOLUTIONAL));
});

const sampleAt = (epoch: number, changed: Partial<typeof params>) => {
  const context = contextOf({ ...params, ...changed }, { seed: 1, epoch }, { weights, train });
  return { context, result: Promise.resolve(sample.run(context)) };
};
const numbers = (tensors: Tensors, name: string) => [...(tensors[name]?.data ?? [])];

describe('the sample stage, and project', () => {
  const models = [MODEL, CONVOLUTIONAL];
  const cases = BACKENDS.flatMap((backend) => models.map((model) => ({ backend, model, kind: model.kind })));
  it.each(cases)('keeps what float64 gradients of a $kind model give, on $backend', async ({ backend, model }) => {
    const inputs = { weights: model === MODEL ? weights : convolutionalWeights, train };
    const context = contextOf({ ...params, model }, { seed: 1, epoch: 3 }, inputs, backend);
    const { samples, minibatches } = await Promise.resolve(sample.run(context));
    const dataset = datasetOf(train, null);
    const drawn = numbers(minibatches, 'indices');
    const reference = toFloat64(inputs.weights as Weights);
    const setup = { architecture: model, imageShape: IMAGE_SHAPE };
    const trainable = Object.keys(reference).filter((name) => !name.includes('/moving'));
    const gradients = Array.from({ length: 5 }, (_, i) => {
      const { images, labels } = examplesAt(dataset, Uint32Array.from(drawn.slice(i * 8, (i + 1) * 8)));
      return trainable.flatMap((name) =>
        [...finiteDifferences(setup, reference, name, images, labels)].map((value) => -value),
      );
    });

    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * (b[k] as number), 0);
    const sum = (vectors: number[][]) => (vectors[0] ?? []).map((_, k) => vectors.reduce((s, x) => s + (x[k] ?? 0), 0));
    const norms = gradients.map((g) => Math.sqrt(dot(g, g)));
    const directions = gradients.map((g, i) => g.map((value) => value / (norms[i] as number)));
    const resultant = sum(directions);
    const meanGradient = sum(gradients).map((value) => value / 5);
    const dimension = (gradients[0] ?? []).length;
    const close = (name: string, expected: number[], tensors = samples) => {
      const found = numbers(tensors, name);
      expect(found).toHaveLength(expected.length);
      expected.forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 5);
      });
    };
    close('norms', norms);
    close('resultant', [Math.sqrt(dot(resultant, resultant))]);
    close('meanGradientNorm', [Math.sqrt(dot(meanGradient, meanGradient))]);
    close(
      'jackknifeProducts',
      directions.slice(0, 3).map((x) => dot(x, resultant)),
    );
    expect(numbers(samples, 'dimension')).toEqual([dimension]);
    expect(numbers(samples, 'batchSize')).toEqual([8]);

    // Of fully connected networks, details are of the jackknife's minibatches.
    const detailed = model === MODEL ? 3 : 5;
    const cosines = directions.slice(1, detailed).map((x, i) => dot(directions[i] ?? [], x));
    close('consecutiveCosines', cosines);
    const groups = parameterGroups(variablesOf(model, { imageShape: IMAGE_SHAPE, classes: CLASSES }));
    const sizes = trainable.map((name) => reference[name]?.data.length ?? 0);
    const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((total, size) => total + size, 0));
    expect(groupsNamed(Object.keys(samples))).toEqual(groups.map(({ name }) => name));
    for (const { name, places } of groups) {
      const part = (g: number[]) => places.flatMap((k) => g.slice(starts[k], (starts[k] ?? 0) + (sizes[k] ?? 0)));
      const parts = gradients.slice(0, detailed).map(part);
      const partNorms = parts.map((g) => Math.sqrt(dot(g, g)));
      const total = sum(parts.map((g, i) => g.map((value) => value / (partNorms[i] as number))));
      const mean = sum(parts).map((value) => value / detailed);
      close(groupTensor(name, 'norms'), partNorms);
      close(groupTensor(name, 'resultant'), [Math.sqrt(dot(total, total))]);
      close(groupTensor(name, 'meanGradientNorm'), [Math.sqrt(dot(mean, mean))]);
      expect(numbers(samples, groupTensor(name, 'directions'))).toEqual([detailed]);
      expect(numbers(samples, groupTensor(name, 'dimension'))).toEqual([parts[0]?.length]);
    }
    expect(context.reported).toEqual(Array.from({ length: 8 }, (_, i) => (i + 1) / 8));

    // The same gradients on a fixed direction, by the stage `project`.
    const { jackknifeSamples: _, ...projectParams } = { ...params, model };
    const projecting = contextOf(projectParams, { seed: 1, epoch: 3 }, inputs, backend);
    const { projections } = await Promise.resolve(project.run(projecting));
    const u = uniformDirection(dimension, randomStream(1, 'fixed direction'));
    close(
      'projections',
      directions.map((x) => dot(u, x)),
      projections,
    );
    expect(numbers(projections, 'dimension')).toEqual([dimension]);
    expect(projecting.reported).toEqual(Array.from({ length: 5 }, (_, i) => (i + 1) / 5));
  });

  it.each(BACKENDS)('reports κ̂ with its noise floor, the last one that of the estimate, on %s', async (backend) => {
    const changed = { model: CONVOLUTIONAL, gradientSamples: 30 };
    const context = contextOf(
      { ...params, ...changed },
      { seed: 1, epoch: 1 },
      { weights: convolutionalWeights, train },
      backend,
    );
    const { samples } = await Promise.resolve(sample.run(context));
    const { statistics } = await Promise.resolve(
      estimate.run(contextOf({}, { seed: 1, epoch: 1 }, { samples }, backend)),
    );
    const series = (name: string) => context.metrics.filter((each) => each.name === name);
    const [kappas, floors] = [series('kappa'), series('noiseFloor')];
    expect(kappas.at(-1)).toEqual({ name: 'kappa', step: 30, value: statistics.kappa });
    expect(floors.at(-1)).toEqual({ name: 'noiseFloor', step: 30, value: statistics.noiseFloor });
    const steps = kappas.map(({ step }) => Number(step));
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(floors.map(({ step }) => step)).toEqual(steps);
  });

  it('draws different examples inside each minibatch, and other minibatches at another epoch', async () => {
    const { minibatches } = await sampleAt(1, { batchSize: 64, gradientSamples: 4 }).result;
    const indices = minibatches.indices;
    expect(indices?.shape).toEqual([4, 64]);
    expect(indices?.data).toBeInstanceOf(Uint16Array);
    for (let i = 0; i < 4; i++) {
      const minibatch = [...(indices?.data.slice(i * 64, (i + 1) * 64) ?? [])];
      expect(new Set(minibatch).size).toBe(64);
      expect(Math.max(...minibatch)).toBeLessThan(70);
    }
    const other = await sampleAt(2, { batchSize: 64, gradientSamples: 4 }).result;
    expect(other.minibatches).not.toEqual(minibatches);
  });

  it('draws from the first examples only when it is told to', async () => {
    const { minibatches } = await sampleAt(1, { examples: 9 }).result;
    expect(Math.max(...numbers(minibatches, 'indices'))).toBeLessThan(9);
  });

  it('does without the second pass when no jackknife is asked for', async () => {
    const { samples } = await sampleAt(1, { jackknifeSamples: 0 }).result;
    expect(samples.jackknifeProducts?.shape).toEqual([0]);
    expect(samples.norms?.shape).toEqual([5]);
  });

  it.each(BACKENDS)('explains a gradient of zero, which has no direction, on %s', async (backend) => {
    const model = { ...MODEL, batchNorm: false as const };
    const names = ['hidden1/kernel', 'hidden2/kernel', 'logits/kernel'];
    const zeros = Object.fromEntries(
      names.map((name) => {
        const shape = weights[name]?.shape ?? [];
        return [name, { shape, data: new Float32Array((shape[0] ?? 0) * (shape[1] ?? 0)) }];
      }),
    );
    const context = contextOf({ ...params, model }, { seed: 1, epoch: 2 }, { weights: zeros, train }, backend);
    const sampled = Promise.resolve(sample.run(context));
    await expect(sampled).rejects.toMatchObject({ kind: 'stage' });
    await expect(sampled).rejects.toThrow(/no direction[\s\S]*fix:/);
    const { jackknifeSamples: _, ...projectParams } = { ...params, model };
    const projecting = contextOf(projectParams, { seed: 1, epoch: 2 }, { weights: zeros, train }, backend);
    await expect(project.run(projecting)).rejects.toThrow('the gradient of sampled minibatch 1 has norm 0');
    const factored = { ...params, model, method: 'factored' as const };
    const context2 = contextOf(factored, { seed: 1, epoch: 2 }, { weights: zeros, train }, backend);
    await expect(sample.run(context2)).rejects.toThrow(
      'the gradient of sampled minibatch 1 has norm 0, so it has no direction',
    );
  });

  it('explains sample sizes that cannot be', async () => {
    await expect(sampleAt(1, { batchSize: 71 }).result).rejects.toThrow(/71 different examples[\s\S]*out of 70/);
    await expect(sampleAt(1, { jackknifeSamples: 6 }).result).rejects.toThrow(/more than the 5 gradientSamples/);
  });

  it('samples by factors where that is possible and each example is needed often', async () => {
    const model = { ...MODEL, batchNorm: false as const };
    const { weights } = await init.run(contextOf({ model, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {}));
    const steps = async (changed: Partial<typeof params>) => {
      const context = contextOf({ ...params, model, ...changed }, { seed: 1, epoch: 1 }, { weights, train });
      const { samples } = await Promise.resolve(sample.run(context));
      expect(samples.jackknifeProducts?.shape).toEqual([3]);
      return context.reported.length;
    };
    // The loop reports once a gradient, and 8 × 5 is less than 3 × 70.
    expect(await steps({})).toBe(8);
    expect(await steps({ method: 'factored' })).toBeGreaterThan(0);
    expect(await steps({ gradientSamples: 30 })).toBe(await steps({ gradientSamples: 30, method: 'factored' }));
    expect(await steps({ gradientSamples: 30, method: 'loop' })).toBe(33);
  });

  it('refuses the factored method where gradients do not factor, and says why', () => {
    const issuesOf = (model: typeof params.model) =>
      v.safeParse(sample.params, { ...params, model, method: 'factored' }).issues?.map(({ message, path }) => ({
        message,
        path: path?.map(({ key }) => key),
      }));
    expect(issuesOf(MODEL)).toEqual([
      {
        message:
          '"factored" is for fully connected networks without batch normalisation, and here batch normalisation mixes the examples of a minibatch; say auto or loop',
        path: ['method'],
      },
    ]);
    expect(issuesOf({ ...CONVOLUTIONAL, batchNorm: false })?.[0]?.message).toBe(
      '"factored" is for fully connected networks without batch normalisation, and here a convolution applies its kernel at many places of an image; say auto or loop',
    );
    expect(issuesOf({ ...MODEL, batchNorm: false })).toBeUndefined();
  });
});
