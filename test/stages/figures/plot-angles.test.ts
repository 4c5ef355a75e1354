import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import angles from '../../../stages/figures/plot-angles.ts';
import { ANGLES } from '../../sgd/figures/examples.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

describe('plot-angles', () => {
  it('draws the three panels', async () => {
    const { svg, png } = await angles.run(
      contextWithoutCompute({ caption: 'fnn on MNIST' }, { table: await storedTable(ANGLES) }),
    );
    for (const text of ['(a) asymptotic densities', '(b) initial point', 'training accuracy 99.93 %', 'fnn on MNIST']) {
      expect(svg).toContain(text);
    }
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});
