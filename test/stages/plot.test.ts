import { table } from 'arquero';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { accuracy, angles, concentration, normStochasticity } from '../../stages/plot.ts';
import { ACCURACIES, ANGLES, CONCENTRATIONS, NORM_STOCHASTICITIES } from '../sgd/figures/examples.ts';
import { contextWithoutCompute } from './context-without-compute.ts';

/** A table as it comes out of the cache. */
async function stored<Row extends object>(rows: readonly Row[]) {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row & string)[];
  return arrow.decode(
    await arrow.encode(table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])), names)),
  );
}

const architectures = ['fnn', 'cnn+res+bn'];

describe('concentration', () => {
  it('draws the table as SVG and PNG, the same each time', async () => {
    const draw = async () =>
      concentration.run(
        contextWithoutCompute(
          { captions: { fnn: '2 seeds · 300 minibatches' }, architectures },
          { table: await stored(CONCENTRATIONS), accuracy: await stored(ACCURACIES) },
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
    const inputs = { table: await stored(CONCENTRATIONS), accuracy: await stored(ACCURACIES) };
    await expect(
      concentration.run(contextWithoutCompute({ captions: {}, architectures: ['fnn'] }, inputs)),
    ).rejects.toThrow('the architecture "cnn+res+bn"');
  });

  it('names the columns that a table lacks', async () => {
    const inputs = { table: await stored(ACCURACIES), accuracy: await stored(ACCURACIES) };
    await expect(concentration.run(contextWithoutCompute({ captions: {}, architectures }, inputs))).rejects.toThrow(
      'no column "seed", "epoch", "kappa", "noiseFloor"',
    );
  });
});

describe('angles', () => {
  it('draws the three panels', async () => {
    const { svg, png } = await angles.run(
      contextWithoutCompute({ caption: 'fnn on MNIST' }, { table: await stored(ANGLES) }),
    );
    for (const text of ['(a) asymptotic densities', '(b) initial point', 'training accuracy 99.93 %', 'fnn on MNIST']) {
      expect(svg).toContain(text);
    }
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});

describe('normStochasticity', () => {
  it('draws the curve next to gradients that cancel, whose directions do so if their norms are equal', async () => {
    const { svg, png } = await normStochasticity.run(
      contextWithoutCompute(
        { caption: 'fnn on MNIST', unequalNorms: [1.5, 1.25, 1] },
        { table: await stored(NORM_STOCHASTICITIES) },
      ),
    );
    // Sides 6, 5, 4: cosines of the angles between the directions −3/4, −1/8 and −9/16, so ‖Σ‖² = 3 − 2·23/16 = 1/8.
    for (const text of ['fnn on MNIST', '‖Σ ĝ/‖ĝ‖‖ = 0.00', '‖Σ ĝ/‖ĝ‖‖ = 0.35']) expect(svg).toContain(text);
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});

describe('accuracy', () => {
  it('writes the table as Markdown and CSV', async () => {
    const { markdown, csv } = await accuracy.run(contextWithoutCompute({}, { table: await stored(ACCURACIES) }));
    expect(markdown).toMatch(/^\| fnn +\| 98\.12 ± 0\.04 \|/m);
    expect(csv).toContain('\ncnn+res+bn,72.7,,1,4.5,72.71,1.02,');
  });
});
