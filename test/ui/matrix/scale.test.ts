import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SHADE_COLOURS, SHADES, scaleOf } from '../../../ui/views/matrix/scale.ts';

it('keeps the order of numbers, from 0 to 1', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 2 }), (values) => {
      const scale = scaleOf(values);
      const places = [...values].sort((a, b) => a - b).map(scale.place);
      for (const [at, place] of places.entries()) {
        expect(place).toBeGreaterThanOrEqual(at === 0 ? 0 : (places[at - 1] as number));
        expect(place).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it('shows seconds from milliseconds to hours by their logarithm, and equal values in the middle', () => {
  const wide = scaleOf([0.001, 1, 1000, Number.NaN]);
  expect(wide).toMatchObject({ isLogarithmic: true, min: 0.001, max: 1000 });
  expect(wide.place(1)).toBeCloseTo(0.5);
  expect(wide.place(0)).toBe(0);
  expect(scaleOf([2, 3, 4])).toMatchObject({ isLogarithmic: false, min: 2, max: 4 });
  expect(scaleOf([5, 5]).place(5)).toBe(0.5);
});

it('has no place for what is no number', () => {
  expect(scaleOf([1, 2]).place(Number.NaN)).toBeNaN();
  expect(scaleOf([Number.NaN]).place(1)).toBeNaN();
  expect(scaleOf([Number.POSITIVE_INFINITY, 1, 3]).max).toBe(3);
});

it('has as many colours as shades, from dark to bright', () => {
  expect(new Set(SHADE_COLOURS).size).toBe(SHADES);
  const lightness = SHADE_COLOURS.map((each) => {
    const [r = 0, g = 0, b = 0] = (each.match(/\d+/g) ?? []).map(Number);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  for (let shade = 1; shade < SHADES; shade++) expect(lightness[shade]).toBeGreaterThan(lightness[shade - 1] as number);
});
