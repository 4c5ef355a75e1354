import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { type ConcentrationRow, concentrationFigure } from '../../../../src/sgd/figures/plots/concentration-figure.ts';
import { ACCURACIES, CONCENTRATIONS } from '../examples.ts';
import { panelsOf } from '../marks.ts';

const ORDER = ['fnn', 'dfnn', 'cnn+res+bn'];
const OPTIONS = { captions: { fnn: 'a caption', dfnn: 'of nothing', 'cnn+res+bn': 'a caption' }, architectures: ORDER };

async function draw(rows: readonly ConcentrationRow[], accuracies = ACCURACIES) {
  return panelsOf(await renderSvg(concentrationFigure(rows, accuracies, OPTIONS)));
}

describe('concentrationFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(await draw(CONCENTRATIONS), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/concentration.json');
  });

  it('moves its marks when the data change by two per cent', async () => {
    const changed = CONCENTRATIONS.map((row, index) =>
      index === 2 ? { ...row, kappa: 1.02 * (row.kappa ?? 0) } : row,
    );
    expect((await draw(changed))[0]?.shapes).not.toEqual((await draw(CONCENTRATIONS))[0]?.shapes);
  });

  it('places means on logarithmic axes', async () => {
    const rows = [0, 9, 99].map((epoch, index) => ({
      architecture: 'fnn',
      seed: 1,
      epoch,
      kappa: [1e6, 1e5, 1e4][index] ?? 0,
      noiseFloor: null,
    }));
    const [panel] = await draw(rows);
    const points = panel?.shapes.filter(({ mark }) => mark === 'symbol').map(({ at }) => at) ?? [];
    const [first, second, third] = points as [number, number][];
    expect(points).toHaveLength(3);
    // Equal ratios are equal distances.
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBeCloseTo((third?.[0] ?? 0) - (second?.[0] ?? 0), 0);
    expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeCloseTo((third?.[1] ?? 0) - (second?.[1] ?? 0), 0);
    expect(third?.[1]).toBeGreaterThan((second?.[1] ?? 0) + 30);
  });

  it('has a panel for each architecture with rows, in the given order, with accuracies and a dashed noise floor', async () => {
    const panels = await draw([...CONCENTRATIONS].reverse());
    expect(panels.map(({ texts }) => texts.slice(0, 2))).toEqual([
      ['fnn', 'best validation accuracy, 2 seeds\nours 98.12 ± 0.04 % · paper 98.18 ± 0.04 %'],
      ['cnn+res+bn', 'best validation accuracy, 1 seed\nours 72.70 % · paper 72.71 ± 1.02 %'],
    ]);
    for (const { shapes, texts } of panels) {
      expect(shapes.filter(({ mark, dashed }) => mark === 'rule' && dashed)).toHaveLength(1);
      expect(texts).toContain('noise floor');
    }
  });

  it('labels decades and their 1, 2, 5', async () => {
    const labels = (await draw(CONCENTRATIONS))[0]?.axisLabels.filter((label) => label !== '');
    expect(labels).toEqual(['1', '2', '5', '10', '20', '10⁴', '2×10⁴', '5×10⁴', '10⁵', '2×10⁵', '5×10⁵', '10⁶']);
  });

  it('has a band for several seeds only, and says so', async () => {
    const bands = async (rows: readonly ConcentrationRow[]) =>
      (await draw(rows)).flatMap(({ shapes }) => shapes.filter(({ mark }) => mark === 'area')).length;
    expect(await bands(CONCENTRATIONS)).toBe(2);
    expect(await bands(CONCENTRATIONS.filter(({ seed }) => seed === 1))).toBe(0);
    const spec = (rows: readonly ConcentrationRow[]) => JSON.stringify(concentrationFigure(rows, [], OPTIONS).title);
    expect(spec(CONCENTRATIONS)).toContain('one standard deviation');
    expect(spec(CONCENTRATIONS)).toContain('initial point');
    expect(spec(CONCENTRATIONS.filter(({ seed }) => seed === 1))).not.toContain('deviation');
  });

  it('says what belongs to the architectures that it shows, each once', () => {
    const title = (captions: Record<string, string>) =>
      (
        concentrationFigure(CONCENTRATIONS, [], { captions, architectures: ORDER }).title as { text: string[] }
      ).text.join(' ');
    expect(title({ fnn: 'MNIST', dfnn: 'of nothing', 'cnn+res+bn': 'CIFAR-10.' })).toMatch(
      /^MNIST\. CIFAR-10\. Line: mean/,
    );
    expect(title({ fnn: 'MNIST', 'cnn+res+bn': 'MNIST' })).toMatch(/^MNIST\. Line: mean/);
    expect(title({})).toMatch(/^Line: mean/);
  });

  it('draws a band that would reach below zero down to the frame, inside the axis', async () => {
    const rows = [1, 2].flatMap((seed) =>
      [0, 1].map((epoch) => ({ architecture: 'fnn', seed, epoch, kappa: seed === 1 ? 1e3 : 1e6, noiseFloor: 900 })),
    );
    const [panel] = await draw(rows);
    const band = panel?.shapes.find(({ mark }) => mark === 'area')?.path ?? [];
    const heights = band.filter((_, index) => index % 2 === 1);
    expect(Math.max(...heights)).toBe(118);
    expect(Math.min(...heights)).toBeGreaterThan(0);
  });

  it('leaves out checkpoints without a finite κ̂, and architectures without any', async () => {
    const rows = CONCENTRATIONS.map((row) =>
      row.architecture === 'fnn' || row.epoch === 4 ? { ...row, kappa: null } : row,
    );
    const panels = await draw(rows);
    expect(panels.map(({ texts }) => texts[0])).toEqual(['cnn+res+bn']);
    expect(panels[0]?.shapes.filter(({ mark }) => mark === 'symbol')).toHaveLength(3);
  });
});
