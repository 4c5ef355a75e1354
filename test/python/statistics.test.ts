import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  banerjeeConcentration,
  banerjeeDerivative,
  besselRatio,
  exactConcentration,
} from '../../src/sgd/statistics/concentration.ts';
import { type DirectionalSamples, directionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { pythonWith, run } from './python.ts';

const found = pythonWith();

/** Prints what the functions of Python give for a JSON list of cases on standard input. */
const PROGRAM = `
import json, sys
from vmfdag.concentration import banerjee_concentration, bessel_ratio, exact_concentration
from vmfdag.statistics import DirectionalSamples, directional_statistics
given = json.load(sys.stdin)
print(json.dumps({
    "samples": [directional_statistics(DirectionalSamples(*each)).to_json() for each in given["samples"]],
    "kappas": [[banerjee_concentration(d, r), exact_concentration(d, r)] for d, r in given["lengths"]],
    "ratios": [bessel_ratio(d, kappa) for d, kappa in given["kappas"]],
}))
`;

const dimension = fc.oneof(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 2, max: 2_000_000 }));

const samples = fc
  .record({
    dimension,
    norms: fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 }),
    length: fc.double({ min: 1e-3, max: 1, noNaN: true }),
    shortening: fc.double({ min: 0, max: 0.999, noNaN: true }),
    cosines: fc.array(fc.double({ min: -0.2, max: 1, noNaN: true }), { maxLength: 40 }),
  })
  .map(({ dimension, norms, length, shortening, cosines }): DirectionalSamples => {
    const resultant = norms.length * length;
    return {
      dimension,
      norms: Float64Array.from(norms),
      resultant,
      meanGradientNorm: (shortening * norms.reduce((a, b) => a + b, 0)) / norms.length,
      jackknifeProducts: Float64Array.from(cosines.slice(0, norms.length), (cosine) => cosine * resultant),
    };
  });

describe('the statistics of the Python package', () => {
  it('are those of src/sgd/statistics, on random sums', ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const cases = fc.sample(samples, { numRuns: 300, seed: 1 });
    const lengths = fc.sample(fc.tuple(dimension, fc.double({ min: 1e-6, max: 0.9999, noNaN: true })), {
      numRuns: 200,
      seed: 2,
    });
    const kappas = fc.sample(fc.tuple(dimension, fc.double({ min: 1e-3, max: 1e6, noNaN: true })), {
      numRuns: 200,
      seed: 3,
    });
    const given = {
      samples: cases.map((each) => [
        each.dimension,
        [...each.norms],
        each.resultant,
        each.meanGradientNorm,
        [...each.jackknifeProducts],
      ]),
      lengths,
      kappas,
    };
    const done = run(found.python, ['-c', PROGRAM], { input: JSON.stringify(given) });
    expect(done.status, done.stderr).toBe(0);
    const theirs = JSON.parse(done.stdout);
    cases.forEach((each, i) => {
      const ours = directionalStatistics(each);
      const given = JSON.stringify(each);
      expect(Object.keys(theirs.samples[i]), given).toEqual(Object.keys(ours));
      for (const [name, value] of Object.entries(ours)) {
        // A standard error is the spread of near numbers, so it is as exact as they are.
        const slack =
          name === 'kappaStandardError' ? 1e-12 * banerjeeDerivative(each.dimension, ours.resultantLength) : 0;
        agree(theirs.samples[i][name], value, 1e-9, `${name} of ${given}`, slack);
      }
    });
    lengths.forEach(([d, r], i) => {
      agree(theirs.kappas[i][0], banerjeeConcentration(d, r), 1e-14, `κ̂ at ${d}, ${r}`);
      agree(theirs.kappas[i][1], exactConcentration(d, r), 1e-12 / (1 - r), `exact κ at ${d}, ${r}`);
    });
    kappas.forEach(([d, kappa], i) => {
      agree(theirs.ratios[i], besselRatio(d, kappa), 1e-14, `A_d(κ) at ${d}, ${kappa}`);
    });
  });
});

function agree(found: number | null, expected: number | null, tolerance: number, what: string, slack = 0) {
  if (expected === null || found === null) expect(found, what).toBe(expected);
  else expect(Math.abs(found - expected), what).toBeLessThanOrEqual(tolerance * Math.abs(expected) + slack);
}
