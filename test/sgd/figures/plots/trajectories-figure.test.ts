import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { type TrajectoryRow, trajectoriesFigure } from '../../../../src/sgd/figures/plots/trajectories-figure.ts';
import { TRAJECTORIES } from '../examples.ts';
import { panelsOf } from '../marks.ts';

const ARCHITECTURES = ['cnn+res+bn', 'cnn', 'fnn'];
const CORRELATIONS = new Map([
  ['cnn', { kappa: 0.98765, normSnr: -0.5 }],
  ['cnn+res+bn', { kappa: 1, normSnr: null }],
]);

async function draw(rows: readonly TrajectoryRow[]) {
  const options = { caption: 'a caption', architectures: ARCHITECTURES, correlations: CORRELATIONS };
  return panelsOf(await renderSvg(trajectoriesFigure(rows, options)));
}

describe('trajectoriesFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(await draw(TRAJECTORIES), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/trajectories.json');
  });

  it('moves its marks when a value changes by two per cent', async () => {
    const changed = TRAJECTORIES.map((row, index) => (index === 2 ? { ...row, snr: 1.02 * (row.snr ?? 0) } : row));
    const [before, after] = [await draw(TRAJECTORIES), await draw(changed)];
    for (const panel of [2, 3]) expect(after[panel]?.shapes).not.toEqual(before[panel]?.shapes);
    for (const panel of [0, 1]) expect(after[panel]?.shapes).toEqual(before[panel]?.shapes);
  });

  it('has a course and a scatter panel for each architecture with rows, in the given order', async () => {
    const panels = await draw([...TRAJECTORIES].reverse());
    expect(panels.map(({ texts }) => texts[0])).toEqual([
      '(a) cnn+res+bn',
      '(b) Spearman’s correlation with SNR',
      '(c) cnn',
      '(d) Spearman’s correlation with SNR',
    ]);
    expect(panels[0]?.texts).toEqual(
      expect.arrayContaining(['training loss', 'validation loss', 'SNR', 'normSNR', 'κ̂']),
    );
    expect(panels[1]?.texts).toEqual(expect.arrayContaining(['κ̂: 1.000', 'normSNR: undefined']));
    expect(panels[3]?.texts).toEqual(expect.arrayContaining(['κ̂: 0.988', 'normSNR: −0.500']));
  });

  it('scales each course by its maximum, so that all touch one line, at their own epoch', async () => {
    const [course] = await draw(TRAJECTORIES);
    const lines = course?.shapes.filter(({ mark }) => mark === 'line') ?? [];
    expect(lines).toHaveLength(5);
    const tops = lines.map(({ path }) => Math.min(...path.filter((_, index) => index % 2 === 1)));
    expect(new Set(tops).size).toBe(1);
    // All of them fall from their maximum at the first checkpoint: SNR and κ̂ run together.
    const widest = Math.max(...lines.flatMap(({ path }) => path.filter((_, index) => index % 2 === 0)));
    const xOfTop = lines.map(({ path }) => path[path.indexOf(Math.min(...path.filter((_, i) => i % 2 === 1))) - 1]);
    for (const x of xOfTop) expect(x).toBeLessThan(widest / 10);
    expect(lines.map(({ dashed }) => dashed)).toEqual([false, true, false, true, false]);
  });

  it('shows in the scatter only checkpoints where all three were measured', async () => {
    const points = (panels: Awaited<ReturnType<typeof draw>>) =>
      panels[1]?.shapes.filter(({ mark }) => mark === 'symbol').length;
    // Of each of two quantities, and one sign of each in the key.
    expect(points(await draw(TRAJECTORIES))).toBe(2 * 9 + 2);
    const without = TRAJECTORIES.map((row) => (row.epoch === 4 ? { ...row, normSnr: null } : row));
    expect(points(await draw(without))).toBe(2 * 8 + 2);
  });

  it('draws an architecture without a single measured checkpoint, whose axes are empty', async () => {
    const rows = TRAJECTORIES.map((row) => ({ ...row, kappa: null, snr: null, normSnr: null }));
    const panels = await draw(rows);
    expect(panels).toHaveLength(4);
    expect(panels[0]?.shapes.filter(({ mark, path }) => mark === 'line' && path.length > 2)).toHaveLength(2);
  });
});
