import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { measurementsCsv, readMeasurements } from '../../stages/support/measurements.ts';

const place = fc.record({
  architecture: fc.constantFrom('fnn', 'cnn+bn', 'cnn+res+bn'),
  seed: fc.integer({ min: 1, max: 3 }),
  epoch: fc.integer({ min: 0, max: 4 }),
});
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-12, max: 1e12 });
const metrics = fc.record({
  examples: fc.integer({ min: 1, max: 60_000 }),
  loss: finite,
  accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
});
const statistics = fc
  .record({
    norms: fc.array(finite, { minLength: 2, maxLength: 5 }),
    share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  })
  .map(({ norms, share }) =>
    directionalStatistics({
      dimension: 635_200,
      norms: Float64Array.from(norms),
      resultant: share * norms.length,
      meanGradientNorm: (share * norms.reduce((sum, norm) => sum + norm, 0)) / norms.length,
      jackknifeProducts: new Float64Array(),
    }),
  );

/** Values at places, each place once, in the order in which stages gather them. */
const measured = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.record({ place, value }), {
      minLength: 1,
      maxLength: 12,
      selector: (at) => JSON.stringify(Object.values(at.place)),
    })
    .map((all) => all.map((at) => ({ ...at.place, value: at.value })).sort(byPlace));

interface Place {
  readonly architecture: string;
  readonly seed: number;
  readonly epoch: number;
}

function byPlace(a: Place, b: Place): number {
  return a.architecture < b.architecture
    ? -1
    : a.architecture > b.architecture
      ? 1
      : a.seed - b.seed || a.epoch - b.epoch;
}

describe('measurements', () => {
  it('are read as they were, whatever was measured where', () => {
    const runs = fc.record({
      statistics: measured(statistics),
      training: measured(metrics),
      validation: measured(metrics),
    });
    fc.assert(
      fc.property(runs, (written) => {
        const { statistics: found, training, validation } = readMeasurements(measurementsCsv(written));
        expect([...found].sort(byPlace)).toEqual(written.statistics);
        expect([...training].sort(byPlace)).toEqual(written.training);
        expect([...validation].sort(byPlace)).toEqual(written.validation);
      }),
      { numRuns: 60 },
    );
  });

  it('have a file for each architecture and seed, in the order of the epochs', () => {
    const value = { examples: 1, loss: 0.5, accuracy: 0.25 };
    const at = (architecture: string, seed: number, epoch: number) => ({ architecture, seed, epoch, value });
    const validation = [at('cnn', 1, 1), at('cnn', 1, 0), at('cnn', 2, 0), at('fnn', 1, 0)];
    const files = measurementsCsv({ statistics: [], training: [], validation });
    expect([...files.keys()]).toEqual(['cnn-1.csv', 'cnn-2.csv', 'fnn-1.csv']);
    expect(files.get('cnn-1.csv')).toBe(
      'architecture,seed,epoch,validationExamples,validationLoss,validationAccuracy\ncnn,1,0,1,0.5,0.25\ncnn,1,1,1,0.5,0.25\n',
    );
  });

  it('leave out the groups of parameters', () => {
    const sums = { dimension: 9, resultant: 1, jackknifeProducts: new Float64Array() };
    const whole = directionalStatistics({ ...sums, norms: Float64Array.of(1, 2), meanGradientNorm: 1 });
    const value = { ...whole, groups: [{ name: 'stem/kernel' }] };
    const files = measurementsCsv({
      statistics: [{ architecture: 'cnn', seed: 1, epoch: 0, value }],
      training: [],
      validation: [],
    });
    expect(files.get('cnn-1.csv')).not.toContain('groups');
    expect(readMeasurements(files).statistics[0]?.value).toEqual(whole);
  });

  it('refuse a file that is no such table, by its name', () => {
    expect(() => readMeasurements(new Map([['notes.csv', 'a,b\n1,2\n']]))).toThrow(
      'notes.csv has no column "architecture", "seed", "epoch"',
    );
  });
});
