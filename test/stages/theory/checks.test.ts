import { describe, expect, it } from 'vitest';
import type { Gathered } from '../../../src/engine/stage/index.ts';
import { randomStream, type Tensors } from '../../../src/engine/stage/index.ts';
import { theoryRow } from '../../../src/sgd/figures/tables/theory.ts';
import { variablesOf } from '../../../src/sgd/networks/variables.ts';
import { initialWeights } from '../../../src/sgd/networks/weights.ts';
import { type DirectionalStatistics, directionalStatistics } from '../../../src/sgd/statistics/statistics.ts';
import quadratics from '../../../stages/theory/corollary-3-1.ts';
import measured from '../../../stages/theory/corollary-3-1-measured.ts';
import lemma1 from '../../../stages/theory/lemma-1.ts';
import theorem1 from '../../../stages/theory/theorem-1.ts';
import theorem2 from '../../../stages/theory/theorem-2.ts';
import theorem3 from '../../../stages/theory/theorem-3.ts';
import theorem3Measured from '../../../stages/theory/theorem-3-measured.ts';
import table from '../../../stages/theory/theory-table.ts';
import { brightPixelImages, CLASSES, contextOf, IMAGE_SHAPE } from '../context.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

const MODEL = { kind: 'fully-connected' as const, hidden: [7], batchNorm: false as const };

function weights(seed: number): Tensors {
  const variables = variablesOf(MODEL, { imageShape: IMAGE_SHAPE, classes: CLASSES });
  return initialWeights(variables, (variable) => randomStream(seed, 'weights of a test', { variable }));
}

describe('theorem-1', () => {
  it('checks four inequalities at every point, and reports the tightest case of each', async () => {
    const params = { model: MODEL, examples: null, population: 6, batchSizes: [1, 3, 99] };
    const inputs = {
      weights: [
        { coordinates: { architecture: 'fnn', seed: 1 }, value: weights(1) },
        { coordinates: { architecture: 'fnn', seed: 2, epoch: 3 }, value: weights(2) },
      ],
      train: brightPixelImages(20),
    };
    const { checks } = await theorem1.run(contextOf(params, {}, inputs));
    expect(checks.map(({ statement }) => statement.slice(0, 11))).toEqual(Array(4).fill('Theorem 1: '));
    for (const check of checks) {
      expect(check.computed).toMatch(
        /^the tightest of 4 cases: all minibatches of m = [13] out of n = 6 examples, seed [12], epoch [03]$/,
      );
      expect(theoryRow(check).verdict).toBe('holds');
      expect(check.measured).toBeGreaterThan(0);
    }
  });
});

describe('theorem-3-measured', () => {
  it('follows each minibatch alone, and keeps the condition of the theorem apart from what it says', async () => {
    const params = { model: MODEL, batchSize: 8, examples: null, minimisers: 4, steps: 3, learningRate: 0.1 };
    const inputs = {
      weights: [{ coordinates: { architecture: 'fnn', seed: 1, epoch: 2 }, value: weights(1) }],
      train: brightPixelImages(40),
    };
    const context = contextOf(params, {}, inputs);
    const { checks } = await theorem3Measured.run(context);
    expect(context.reported.at(-1)).toBe(1);
    const [lemma, condition, theorem] = checks;
    expect(lemma?.computed).toContain('p_j after 3 steps on each of 4 minibatches, seed 1, epoch 2');
    expect(lemma?.measured).toBeLessThan(1);
    expect(theorem?.measured).toBeLessThan(1);
    // After few steps the minimisers lie nearly where the gradients point.
    expect(condition?.measured).toBeGreaterThan(0);
    expect(condition?.measured).toBeLessThan(1);
    expect(condition?.bound).toBeGreaterThan(0);
  });

  it('has no deviation after one step, whose direction is the negative gradient’s', async () => {
    const params = { model: MODEL, batchSize: 8, examples: null, minimisers: 3, steps: 1, learningRate: 0.5 };
    const inputs = { weights: [{ coordinates: { seed: 1 }, value: weights(1) }], train: brightPixelImages(40) };
    const { checks } = await theorem3Measured.run(contextOf(params, {}, inputs));
    expect(checks[1]?.measured).toBeLessThan(1e-5);
    expect(checks.map((check) => theoryRow(check).verdict)).toEqual(['holds', 'holds', 'holds']);
  });
});

describe('theorem-2, theorem-3, lemma-1 and corollary-3-1', () => {
  it('hold', async () => {
    const checks = [
      await theorem2.run(contextWithoutCompute({ exact: [10, 1000], sampled: [20], samples: 200 }, {})),
      await theorem3.run(
        contextWithoutCompute({ dimensions: [2, 9], minimisers: 5, distances: [0.5, 2], trials: 3 }, {}),
      ),
      await lemma1.run(contextWithoutCompute({ dimensions: [2, 50], minibatches: 10, epsilon: 0.01 }, {})),
      await quadratics.run(
        contextWithoutCompute(
          { dimension: 20, minibatches: 8, conditions: [1, 3], learningRate: 0.01, epochs: 4, distance: 8, trials: 2 },
          {},
        ),
      ),
    ].flatMap(({ checks }) => checks);
    expect(checks).toHaveLength(3 + 3 + 4 + 2);
    expect(checks.map((check) => theoryRow(check).verdict)).toEqual(Array(12).fill('holds'));
  });
});

describe('corollary-3-1, measured', () => {
  const statistics = (resultant: number): DirectionalStatistics =>
    directionalStatistics({
      dimension: 1000,
      norms: Float64Array.of(1, 2, 3, 4),
      resultant,
      meanGradientNorm: 1.5,
      jackknifeProducts: Float64Array.of(0.5 * resultant, 0.51 * resultant),
    });
  const at = (
    architecture: string,
    seed: number,
    epoch: number,
    resultant: number,
  ): Gathered<DirectionalStatistics> => ({
    coordinates: { architecture, seed, epoch },
    value: statistics(resultant),
  });

  it('counts pairs of consecutive checkpoints of a run, whatever their order, and names those that rise', async () => {
    const gathered = [
      at('fnn', 1, 5, 2),
      at('fnn', 1, 0, 3),
      at('fnn', 1, 1, 1.5),
      at('fnn', 2, 0, 3),
      at('cnn', 1, 0, 3),
      at('cnn', 1, 2, 2),
    ];
    const { checks } = await measured.run(contextWithoutCompute({}, { statistics: gathered }));
    expect(checks).toEqual([
      {
        statement: 'Corollary 3.1, measured: κ̂(w_t) > κ̂(w_{t+1}) at consecutive checkpoints',
        computed: 'share of pairs, fnn: 1 of 2 in 2 runs; 1 of the rises beyond both 95 % intervals',
        measured: 0.5,
        relation: '≥',
        bound: 1,
        exceptions: 'seed 1, epoch 1 to 5',
      },
      expect.objectContaining({ computed: 'share of pairs, cnn: 1 of 1 in 1 run', measured: 1 }),
    ]);
    expect(checks.map((check) => theoryRow(check).verdict)).toEqual(['does not hold', 'holds']);
  });

  it('is a row of the table, with what does not hold where', async () => {
    const { checks } = await measured.run(
      contextWithoutCompute({}, { statistics: [at('fnn', 1, 0, 2), at('fnn', 1, 1, 3)] }),
    );
    const none = { theorem1: [], theorem2: [], lemma1: [], theorem3: [], theorem3Measured: [], quadratics: [] };
    const { markdown, table: rows } = await table.run(contextWithoutCompute({}, { ...none, measured: checks }));
    expect(rows.numRows()).toBe(1);
    expect(markdown).toContain('not at seed 1, epoch 0 to 1');
  });
});
