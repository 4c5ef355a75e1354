import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { renderPng, renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { anglesFigure } from '../../../../src/sgd/figures/plots/angles-figure.ts';
import { concentrationFigure } from '../../../../src/sgd/figures/plots/concentration-figure.ts';
import { directionsFigure } from '../../../../src/sgd/figures/plots/directions-figure.ts';
import { minimisersFigure } from '../../../../src/sgd/figures/plots/minimisers-figure.ts';
import { normStochasticityFigure } from '../../../../src/sgd/figures/plots/norm-stochasticity-figure.ts';
import {
  ACCURACIES,
  ANGLES,
  BALANCED,
  CONCENTRATIONS,
  DIRECTIONS,
  inkOf,
  MINIMISERS,
  NORM_STOCHASTICITIES,
} from '../examples.ts';

const OPTIONS = { captions: { fnn: '2 seeds' }, architectures: ['fnn', 'cnn+res+bn'] };
const concentration = () => concentrationFigure(CONCENTRATIONS, ACCURACIES, OPTIONS);
const angles = () => anglesFigure(ANGLES, '2 seeds');
const directions = () => directionsFigure([0, 1], DIRECTIONS);
const normStochasticity = () => normStochasticityFigure(NORM_STOCHASTICITIES, BALANCED, '2 seeds');
const minimisers = () => minimisersFigure(MINIMISERS);

describe('renderSvg', () => {
  it('gives the same text whatever was drawn before and is drawn meanwhile', async () => {
    const alone = await renderSvg(angles());
    const [first, between, second] = await Promise.all([
      renderSvg(angles()),
      renderSvg(concentration()),
      renderSvg(angles()),
    ]);
    expect(first).toBe(alone);
    expect(second).toBe(alone);
    expect(between).toBe(await renderSvg(concentration()));
  });

  it('names the font and what may stand in for it', async () => {
    const fonts = new Set(
      [...(await renderSvg(concentration())).matchAll(/font-family="([^"]*)"/g)].map(([, name]) => name),
    );
    expect([...fonts]).toEqual(["'Source Sans 3', Source Sans Pro, Helvetica Neue, Arial, sans-serif"]);
  });

  it('says the caption in words too', async () => {
    const described = /^<svg[^>]*><desc>(.*?)<\/desc>/.exec(await renderSvg(anglesFigure(ANGLES, 'n < 3 & "m"')));
    expect(described?.[1]).toBe('n &lt; 3 &amp; "m"');
  });

  it('leaves no label cut off at the edge', async () => {
    for (const figure of [concentration(), angles(), directions(), normStochasticity(), minimisers()]) {
      const { left, top, right, bottom, size } = inkOf(await renderSvg(figure));
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(1);
      expect(right).toBeLessThanOrEqual(size[0] - 1);
      expect(bottom).toBeLessThanOrEqual(size[1] - 1);
    }
  });

  it('refuses a specification that it would have to guess at', async () => {
    // A filled point has no use for a second colour.
    const mark = { type: 'point', filled: true, color: 'red', fill: 'blue' } as const;
    await expect(
      renderSvg({ data: { values: [{ x: 1 }] }, mark, encoding: { x: { field: 'x', type: 'quantitative' } } }),
    ).rejects.toThrow('doubtful');
  });

  it('reads no file', async () => {
    const spec = {
      data: { url: 'package.json' },
      mark: 'point',
      encoding: { x: { field: 'name', type: 'nominal' } },
    } as const;
    await expect(renderSvg(spec)).rejects.toThrow('must not load package.json');
  });
});

describe('renderPng', () => {
  it('draws on white at twice the size, and equal bytes for equal figures', async () => {
    const svg = await renderSvg(concentration());
    const file = renderPng(svg);
    expect(Buffer.from(renderPng(svg)).equals(file)).toBe(true);
    const { width, height, data, channels } = decode(file);
    const [, , w, h] = (svg.match(/viewBox="([^"]*)"/)?.[1] ?? '').split(' ').map(Number);
    expect([width, height]).toEqual([2 * (w ?? 0), 2 * (h ?? 0)]);
    expect([...data.slice(0, channels)]).toEqual(Array(channels).fill(255));
  });
});
