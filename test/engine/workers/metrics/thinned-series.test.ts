import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ThinnedSeries } from '../../../../src/engine/workers/metrics/thinned-series.ts';

function seriesOf(values: readonly number[], limit: number) {
  const series = new ThinnedSeries(limit);
  values.forEach((value, index) => {
    series.add({ step: 3 * index, time: 1000 + index, value });
  });
  return series.series('loss');
}

it('a series keeps every k-th value, the least power of two for which they fit, and the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(1, 2, 8, 64, 1024), (count, limit) => {
      let stride = 1;
      while (Math.ceil(count / stride) > limit) stride *= 2;
      const values = Array.from({ length: count }, (_, index) => index / 7);
      const chosen = values.flatMap((_, index) => (index % stride === 0 || index === count - 1 ? [index] : []));
      expect(seriesOf(values, limit)).toEqual({
        name: 'loss',
        count,
        min: 0,
        max: (count - 1) / 7,
        steps: chosen.map((index) => 3 * index),
        times: chosen.map((index) => 1000 + index),
        values: chosen.map((index) => index / 7),
      });
    }),
  );
});

it('a limit that is lowered on the way gives the series of that limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }), (count, at) => {
      const values = Array.from({ length: count }, (_, index) => index);
      const series = new ThinnedSeries(64);
      values.forEach((value, index) => {
        if (index === at) series.limitTo(16);
        series.add({ step: 3 * index, time: 1000 + index, value });
      });
      if (at >= count) series.limitTo(16);
      expect(series.series('loss')).toEqual(seriesOf(values, 16));
    }),
  );
});

it('the extremes are those of all values that are numbers, and NaN where none is', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 40 }), (values) => {
      const { min, max } = seriesOf(values, 4);
      const numbers = values.filter((value) => !Number.isNaN(value));
      // Loops, as Math.min tells -0 from 0.
      expect(Number(min)).toEqual(numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => (b < a ? b : a)));
      expect(Number(max)).toEqual(numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => (b > a ? b : a)));
    }),
  );
});
