import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { gramMatrix } from '../../../../src/sgd/statistics/theory/gram.ts';
import {
  checkStep,
  coordinatesOf,
  deflected,
  randomMinimisers,
  resultantOf,
  slopeError,
} from '../../../../src/sgd/statistics/theory/theorem-3.ts';

describe('checkStep', () => {
  it('shortens the sum of two unit vectors at a right angle as trigonometry says', () => {
    const points = [
      [1, 0],
      [0, 1],
    ];
    const { ratio, deviation, tolerated } = checkStep(points, [1, 1]);
    // A step of ε along both axes makes the half angle atan(1/(1 − 2ε)) … seen from (ε, ε): cos of it over cos 45°.
    const epsilon = 1e-3 / Math.SQRT2;
    const towards = Math.hypot(1 - epsilon, epsilon);
    expect(ratio).toBeCloseTo((1 - 2 * epsilon) / towards, 12);
    expect(deviation).toBe(0);
    // f′(0) = −2 · 2 · (2 − 1), so ξ = 4 / (4 · 4).
    expect(tolerated).toBeCloseTo(0.25, 12);
  });

  it('lengthens the sum where the step goes the other way', () => {
    const points = randomMinimisers(3, 6, 2, randomStream(1, 'a test'));
    const back = resultantOf(points).map((component) => -component);
    expect(checkStep(points, back).ratio).toBeGreaterThan(1);
  });
});

describe('deflected', () => {
  it('is as far away as asked for', () => {
    const u = [3, -1, 2];
    const v = deflected(u, 0.25, randomStream(1, 'a test'));
    expect(Math.hypot(...u.map((component, i) => component - (v[i] as number)))).toBeCloseTo(0.25, 12);
  });
});

describe('slopeError', () => {
  it('is what rounding and the third derivative leave', () => {
    expect(slopeError(randomMinimisers(5, 7, 2, randomStream(2, 'a test')))).toBeLessThan(1e-6);
  });
});

describe('coordinatesOf', () => {
  it('keeps inner products, also of vectors that depend on each other', () => {
    const vectors = [
      [3, 0, 4, 1],
      [1, 2, -1, 0],
      [4, 2, 3, 1],
      [0, 0, 1, 5],
    ];
    const gram = gramMatrix(vectors.map((vector) => Float32Array.from(vector)));
    const rows = coordinatesOf(gram);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) {
        expect(a.reduce((sum, component, k) => sum + component * (b[k] as number), 0)).toBeCloseTo(
          gram[i]?.[j] as number,
          9,
        );
      }
    }
    expect(rows[2]?.[2]).toBe(0);
  });
});
