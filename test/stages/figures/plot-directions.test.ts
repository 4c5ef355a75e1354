import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import directions from '../../../stages/figures/plot-directions.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

describe('plot-directions', () => {
  const params = { seed: 1, meanDirection: [1, 0] as [number, number], kappas: [0, 5, 50], samples: 100 };

  it('draws samples of each concentration, the same each time', async () => {
    const [first, second] = [
      await directions.run(contextWithoutCompute(params, {})),
      await directions.run(contextWithoutCompute(params, {})),
    ];
    for (const text of ['(a) κ = 0', '(b) κ = 5', '(c) κ = 50', 'A₂(κ) = 0.893', 'A₂(κ) = 0.990', '100 samples']) {
      expect(first.svg).toContain(text);
    }
    expect(second.svg).toBe(first.svg);
    expect(decode(first.png).width).toBeGreaterThan(1000);
  });

  it('draws others for another seed', async () => {
    const [first, second] = [
      await directions.run(contextWithoutCompute(params, {})),
      await directions.run(contextWithoutCompute({ ...params, seed: 2 }, {})),
    ];
    expect(second.svg).not.toBe(first.svg);
  });
});
