import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import concentration from '../../../stages/figures/plot-concentration.ts';
import { ACCURACIES, CONCENTRATIONS } from '../../sgd/figures/examples.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

const architectures = ['fnn', 'cnn+res+bn'];

describe('plot-concentration', () => {
  it('draws the table as SVG and PNG, the same each time', async () => {
    const draw = async () =>
      concentration.run(
        contextWithoutCompute(
          { captions: { fnn: '2 seeds · 300 minibatches' }, architectures },
          { table: await storedTable(CONCENTRATIONS), accuracy: await storedTable(ACCURACIES) },
        ),
      );
    const [first, second] = [await draw(), await draw()];
    expect(first.svg).toContain('2 seeds · 300 minibatches.');
    expect(first.svg).toContain('ours 98.12 ± 0.04 % · paper 98.18 ± 0.04 %');
    expect(second.svg).toBe(first.svg);
    expect(Buffer.from(second.png).equals(first.png)).toBe(true);
    expect(decode(first.png).width).toBeGreaterThan(500);
  });

  it('refuses an architecture that has no place in the figure', async () => {
    const inputs = { table: await storedTable(CONCENTRATIONS), accuracy: await storedTable(ACCURACIES) };
    await expect(
      concentration.run(contextWithoutCompute({ captions: {}, architectures: ['fnn'] }, inputs)),
    ).rejects.toThrow('the architecture "cnn+res+bn"');
  });

  it('names the columns that a table lacks', async () => {
    const inputs = { table: await storedTable(ACCURACIES), accuracy: await storedTable(ACCURACIES) };
    await expect(concentration.run(contextWithoutCompute({ captions: {}, architectures }, inputs))).rejects.toThrow(
      'no column "seed", "epoch", "kappa", "noiseFloor"',
    );
  });
});
