import { describe, expect, it } from 'vitest';
import { residualsOf } from '../../../src/sgd/networks/residuals.ts';

describe('residuals', () => {
  it('are softmax(z) − onehot, and the loss is the cross entropy', () => {
    const logits = Float32Array.of(Math.log(1), Math.log(2), Math.log(5), 0, 0, 0);
    const { residuals, losses } = residualsOf(logits, [2, 0], 3);
    [0.125, 0.25, 0.625 - 1, 1 / 3 - 1, 1 / 3, 1 / 3].forEach((value, i) => {
      expect(residuals[i]).toBeCloseTo(value, 7);
    });
    expect(losses).toBeCloseTo(-Math.log(0.625) + Math.log(3), 6);
  });

  it("keeps the digits of the label's component where its probability rounds to 1", () => {
    const { residuals } = residualsOf(Float32Array.of(0, 40, 0), [1], 3);
    const other = Math.exp(-40) / (1 + 2 * Math.exp(-40));
    expect((residuals[1] as number) / (-2 * other)).toBeCloseTo(1, 6);
    expect((residuals[0] as number) / other).toBeCloseTo(1, 6);
  });

  it('copes with logits of any size, and tells of those that are not finite', () => {
    expect([...residualsOf(Float32Array.of(1e30, -1e30), [0], 2).residuals]).toEqual([-0, 0]);
    expect(residualsOf(Float32Array.of(Number.NaN, 0), [0], 2).losses).toBeNaN();
    expect(Number.isFinite(residualsOf(Float32Array.of(Number.POSITIVE_INFINITY, 0), [0], 2).losses)).toBe(false);
  });
});
