import { Resvg } from '@resvg/resvg-js';
import type { AccuracyRow } from '../../src/figures/accuracy.ts';
import type { AngleRow } from '../../src/figures/angles.ts';
import type { ConcentrationRow } from '../../src/figures/concentration.ts';
import { FONT_FAMILY, loadFont } from '../../src/figures/font.ts';

export const ACCURACIES: readonly AccuracyRow[] = [
  { architecture: 'fnn', mean: 0.98123, std: 0.00041, seeds: 2, bestEpoch: 3 },
  { architecture: 'cnn+res+bn', mean: 0.727, std: null, seeds: 1, bestEpoch: 4.5 },
];

/** Two architectures, two seeds, four checkpoints. */
export const CONCENTRATIONS: readonly ConcentrationRow[] = [
  ...rowsOf('fnn', 1, 11_601, [8e5, 1.3e5, 1.1e5, 8.3e4]),
  ...rowsOf('fnn', 2, 11_601, [7.4e5, 1.1e5, 9.5e4, 7.9e4]),
  ...rowsOf('cnn+res+bn', 1, 3150, [5.5e5, 2.8e5, 6e4, 5.5e3]),
  ...rowsOf('cnn+res+bn', 2, 3150, [6.5e5, 5.6e4, 4e4, 6.5e3]),
];

function rowsOf(architecture: string, seed: number, noiseFloor: number, kappas: readonly number[]): ConcentrationRow[] {
  return kappas.map((kappa, index) => ({ architecture, seed, epoch: [0, 1, 4, 20][index] ?? 0, kappa, noiseFloor }));
}

export const ANGLES: readonly AngleRow[] = [
  ...bell({ panel: 'asymptotic', series: 'asymptotic', dimension: 1e5, seed: null }, 90, 0.181),
  ...bell({ panel: 'asymptotic', series: 'asymptotic', dimension: 635_200, seed: null }, 90, 0.072),
  ...(['initial', 'last'] as const).flatMap((panel, index) => [
    ...bell({ panel, series: 'asymptotic', dimension: 635_200, seed: null }, 90, 0.072),
    ...bell({ panel, series: 'gradients', dimension: 635_200, seed: 1 }, 89.95, 0.05 + 0.02 * index),
    ...bell({ panel, series: 'gradients', dimension: 635_200, seed: 2 }, 90.03, 0.05 + 0.02 * index),
  ]),
];

function bell(
  curve: Pick<AngleRow, 'panel' | 'series' | 'dimension' | 'seed'>,
  mean: number,
  deviation: number,
): AngleRow[] {
  const epoch = { asymptotic: null, initial: 0, last: 150 }[curve.panel];
  const trainingAccuracy = { asymptotic: null, initial: 0.098, last: 0.99937 }[curve.panel];
  return Array.from({ length: 21 }, (_, index) => {
    const standardized = (index - 10) * 0.4;
    const density = Math.exp(-0.5 * standardized ** 2) / (deviation * Math.sqrt(2 * Math.PI));
    return { ...curve, angle: mean + standardized * deviation, density, epoch, trainingAccuracy };
  });
}

/** Where an SVG has ink: everything but the white background. */
export function inkOf(svg: string): {
  left: number;
  top: number;
  right: number;
  bottom: number;
  size: [number, number];
} {
  const resvg = new Resvg(svg.replace(/<rect [^>]*fill="white"[^>]*\/?>(?:<\/rect>)?/, ''), {
    font: { loadSystemFonts: false, fontFiles: [...loadFont().files], defaultFontFamily: FONT_FAMILY },
  });
  const box = resvg.getBBox();
  if (!box) throw new Error('the figure is empty');
  return {
    left: box.x,
    top: box.y,
    right: box.x + box.width,
    bottom: box.y + box.height,
    size: [resvg.width, resvg.height],
  };
}
