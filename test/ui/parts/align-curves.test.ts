import { expect, it } from 'vitest';
import { alignCurves, describeCurve } from '../../../ui/parts/align-curves.ts';

it('draws curves with other steps over one axis: a missing step is no gap, a value that is no number is one', () => {
  const { x, ys } = alignCurves([
    { label: 'a', x: [1, 3, 5], y: [10, 'NaN', 30] },
    { label: 'b', x: [2, 3], y: [1, 2] },
  ]);
  expect(x).toEqual([1, 2, 3, 5]);
  expect(ys).toEqual([
    [10, undefined, null, 30],
    [undefined, 1, 2, undefined],
  ]);
});

it('says in words what a curve shows', () => {
  expect(describeCurve({ label: 'loss', x: [1, 2, 3], y: [2, 0.5, 1] }, String)).toBe(
    'loss: 3 values, from 2 at 1 to 1 at 3, between 0.5 and 2',
  );
  expect(describeCurve({ label: 'loss', x: [1], y: ['NaN'] }, String)).toBe('loss: no values');
});
