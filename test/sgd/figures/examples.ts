import { Resvg } from '@resvg/resvg-js';
import { FONT_FAMILY, loadFont } from '../../../src/sgd/figures/drawing/font.ts';
import type { AngleRow } from '../../../src/sgd/figures/plots/angles-figure.ts';
import type { ConcentrationRow } from '../../../src/sgd/figures/plots/concentration-figure.ts';
import type { MinimisersStep } from '../../../src/sgd/figures/plots/minimisers-figure.ts';
import type { NormStochasticityRow } from '../../../src/sgd/figures/plots/norm-stochasticity-figure.ts';
import type { TrajectoryRow } from '../../../src/sgd/figures/plots/trajectories-figure.ts';
import type { AccuracyRow } from '../../../src/sgd/figures/tables/accuracy.ts';

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

/** A unit circle's worth of directions about (0, 1), and one distribution without any preference. */
export const DIRECTIONS = [
  {
    kappa: 0,
    meanLength: 0,
    samples: [
      [1, 0],
      [-0.6, 0.8],
      [0, -1],
      [0.6, 0.8],
    ],
  },
  {
    kappa: 5,
    meanLength: 0.893,
    samples: [
      [0, 1],
      [0.28, 0.96],
      [-0.28, 0.96],
      [0.6, 0.8],
    ],
  },
] as const;

/** Two points, four sizes of minibatches. */
export const NORM_STOCHASTICITIES: readonly NormStochasticityRow[] = [1, 2].flatMap((seed) =>
  [1, 8, 128, 1024].map((batchSize, index) => {
    const stochasticity = ([0.2, 0.13, 0.07, 0.03][index] ?? 0) * (1 + 0.1 * (seed - 1));
    return { seed, batchSize, minibatches: 50, meanNorm: 2, stdNorm: 2 * stochasticity, stochasticity };
  }),
);

/** Norms of 1, and of 1.2, 1 and 0.7 at the angles of a triangle with these sides. */
export const BALANCED = {
  equal: {
    gradients: [
      [1, 0],
      [-0.5, 0.866],
      [-0.5, -0.866],
    ],
    directions: [
      [1, 0],
      [-0.5, 0.866],
      [-0.5, -0.866],
    ],
    resultant: [0, 0],
  },
  unequal: {
    gradients: [
      [1.2, 0],
      [-0.8125, 0.583],
      [-0.3875, -0.583],
    ],
    directions: [
      [1, 0],
      [-0.8125, 0.583],
      [-0.5536, -0.8328],
    ],
    resultant: [-0.366, -0.25],
  },
} as const;

/** Four minimisers at right angles, of which three pull upwards and to the right. */
export const MINIMISERS: MinimisersStep = {
  minimisers: [
    [2, 0],
    [0, 2],
    [1.5, 1.5],
    [-2.5, 0],
  ],
  epsilon: 0.3,
  condition: 1.05,
  before: {
    point: [0, 0],
    units: [
      [1, 0],
      [0, 1],
      [Math.SQRT1_2, Math.SQRT1_2],
      [-1, 0],
    ],
    resultant: [Math.SQRT1_2, 1 + Math.SQRT1_2],
  },
  after: {
    point: [0.2121, 0.5121],
    units: [
      [0.9614, -0.2754],
      [-0.1411, 0.99],
      [0.7934, 0.6087],
      [-0.9827, -0.1855],
    ],
    resultant: [0.631, 1.1378],
  },
  alongUnits: [0, 0.3, 0.6].map((epsilon) => ({ epsilon, length: 1.848 - 1.8 * epsilon })),
  alongGradients: [0, 0.3, 0.6].map((epsilon) => ({ epsilon, length: 1.848 - 1.7 * epsilon })),
  deviation: 0.0123,
  tolerated: 0.0456,
};

/** Two architectures at nine checkpoints, whose validation is known at two more epochs. */
export const TRAJECTORIES: readonly TrajectoryRow[] = ['cnn', 'cnn+res+bn'].flatMap((architecture, index) =>
  [0, 1, 2, 4, 8, 9, 16, 32, 64, 100, 128].map((epoch): TrajectoryRow => {
    const time = Math.log2(epoch + 1);
    const measured = epoch !== 9 && epoch !== 100;
    return {
      architecture,
      epoch,
      trainingLoss: measured ? 2.3 * Math.exp(-0.25 * time) : null,
      validationLoss: 2.3 * Math.exp(-0.12 * time) + 0.01 * index * time ** 2,
      kappa: measured ? 2e5 * Math.exp(-0.4 * time) * (1 + 0.2 * Math.sin(3 * time)) : null,
      snr: measured ? 0.5 * Math.exp(-0.3 * time) : null,
      normSnr: measured ? 12 * Math.exp(-0.2 * time) * (1 + 0.3 * Math.cos(5 * time)) : null,
    };
  }),
);
