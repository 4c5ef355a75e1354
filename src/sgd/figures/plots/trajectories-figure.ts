import { epochChannel } from '../drawing/epoch-axis.ts';
import { wrapText } from '../drawing/font.ts';
import { keyRow, type Sign } from '../drawing/key.ts';
import type { LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import {
  COLOURS,
  captionTitle,
  FONT_SIZES,
  logChannel,
  padLog,
  panelHeading,
  STROKES,
  THEME,
} from '../drawing/theme.ts';
import { formatPower, formatThousands, logTicks } from '../drawing/ticks.ts';
import { groupBy, isPositive } from '../summary.ts';

/** One run at one epoch. Null where a quantity was not measured, or is undefined or infinite. */
export interface TrajectoryRow {
  readonly architecture: string;
  readonly epoch: number;
  readonly trainingLoss: number | null;
  readonly validationLoss: number | null;
  readonly kappa: number | null;
  readonly snr: number | null;
  readonly normSnr: number | null;
}

/** Spearman's correlations of one run over its checkpoints; null where they are undefined. */
export interface TrajectoryCorrelations {
  readonly kappa: number | null;
  readonly normSnr: number | null;
}

export interface TrajectoriesFigureOptions {
  /** The scale of the experiment. */
  readonly caption: string;
  /** The order of the rows of panels; architectures without a row have none. */
  readonly architectures: readonly string[];
  /** Correlations with SNR by architecture. */
  readonly correlations: ReadonlyMap<string, TrajectoryCorrelations>;
}

const LEFT = { width: 352, height: 126 };
const RIGHT = { width: 196, height: 126 };
const INDENT = 32;
const SPACING = 26;

interface Series {
  readonly text: string;
  readonly value: (row: TrajectoryRow) => number | null;
  readonly sign: Extract<Sign, { kind: 'line' }>;
}

/** Distinguished by colour and, in a print in grey, by dashes and width. Later ones are drawn over earlier ones. */
const SERIES: readonly Series[] = [
  {
    text: 'training loss',
    value: ({ trainingLoss }) => trainingLoss,
    sign: { kind: 'line', color: COLOURS.black, strokeWidth: STROKES.thin },
  },
  {
    text: 'validation loss',
    value: ({ validationLoss }) => validationLoss,
    sign: { kind: 'line', color: COLOURS.black, strokeWidth: STROKES.curve, dash: [1.5, 2.5] },
  },
  {
    text: 'SNR',
    value: ({ snr }) => snr,
    sign: { kind: 'line', color: COLOURS.vermilion, strokeWidth: STROKES.curve },
  },
  {
    text: 'normSNR',
    value: ({ normSnr }) => normSnr,
    sign: { kind: 'line', color: COLOURS.orange, strokeWidth: STROKES.curve, dash: [6, 2.5] },
  },
  {
    text: 'κ̂',
    value: ({ kappa }) => kappa,
    sign: { kind: 'line', color: COLOURS.blue, strokeWidth: STROKES.strong },
  },
];

/**
 * Figures 6 to 10: for one run of each architecture, on the left losses, SNR, normSNR and κ̂ against the epoch, each over its
 * maximum (what the paper calls the inverse of gradient stochasticity is SNR); on the right κ̂ and normSNR against SNR, all axes logarithmic.
 */
export function trajectoriesFigure(
  rows: readonly TrajectoryRow[],
  { caption, architectures, correlations }: TrajectoriesFigureOptions,
): TopLevelSpec {
  const byArchitecture = groupBy(rows, ({ architecture }) => architecture);
  const present = architectures.filter((name) => byArchitecture.has(name));
  const width = LEFT.width + RIGHT.width + 3 * INDENT + SPACING;
  const reading = 'Left: each quantity over its maximum. Right: checkpoints of the run.';
  return {
    config: THEME,
    columns: 2,
    spacing: { row: 16, column: SPACING },
    title: captionTitle(wrapText(`${caption.replace(/\.?$/, '.')} ${reading}`, FONT_SIZES.small, width)),
    concat: present.flatMap((architecture, index) => {
      const ofRun = [...(byArchitecture.get(architecture) ?? [])].sort((a, b) => a.epoch - b.epoch);
      const isLowest = index === present.length - 1;
      return [
        coursePanel(`${letter(2 * index)} ${architecture}`, ofRun, isLowest),
        scatterPanel(letter(2 * index + 1), ofRun, correlations.get(architecture), isLowest),
      ];
    }),
  };
}

function letter(index: number): string {
  return `(${String.fromCharCode('a'.charCodeAt(0) + index)})`;
}

function coursePanel(title: string, rows: readonly TrajectoryRow[], isLowest: boolean): LayerSpec {
  const last = Math.max(...rows.map(({ epoch }) => epoch + 1));
  const x = epochChannel({ last, hasTitle: isLowest, mostTicks: 8 });
  return {
    ...LEFT,
    layer: [
      panelHeading(title, [''], INDENT),
      ...keyRow(SERIES, { left: -INDENT, top: -11 }),
      ...SERIES.map(({ value, sign: { kind: _, dash, ...stroke } }): UnitSpec => {
        const values = overMaximum(rows, value);
        return {
          data: { values },
          mark: { type: 'line', strokeJoin: 'round', ...stroke, ...(dash ? { strokeDash: [...dash] } : {}) },
          encoding: {
            x: { field: 'x', type: 'quantitative', ...x },
            y: {
              field: 'share',
              type: 'quantitative',
              scale: { domain: [0, 1.03], nice: false },
              axis: { values: [0, 0.2, 0.4, 0.6, 0.8, 1], title: 'share of the maximum' },
            },
          },
        };
      }),
    ],
  };
}

function overMaximum(rows: readonly TrajectoryRow[], value: Series['value']): { x: number; share: number }[] {
  const measured = rows.flatMap((row) => {
    const y = value(row);
    return isPositive(y) ? [{ x: row.epoch + 1, y }] : [];
  });
  const most = Math.max(...measured.map(({ y }) => y));
  return measured.map(({ x, y }) => ({ x, share: y / most }));
}

const KAPPA: Sign = { kind: 'point', color: COLOURS.blue, shape: 'circle', filled: true };
const NORM_SNR: Sign = { kind: 'point', color: COLOURS.vermilion, shape: 'triangle-up', filled: false };

function scatterPanel(
  title: string,
  rows: readonly TrajectoryRow[],
  correlations: TrajectoryCorrelations | undefined,
  isLowest: boolean,
): LayerSpec {
  const values = rows.filter(({ snr, kappa, normSnr }) => isPositive(snr) && isPositive(kappa) && isPositive(normSnr));
  const axisOf = (name: 'snr' | 'kappa' | 'normSnr', axisTitle: string | null, format: (value: number) => string) => {
    const numbers = values.map((row) => row[name]).filter(isPositive);
    const domain = numbers.length > 0 ? padLog(Math.min(...numbers), Math.max(...numbers), 1.12) : ([0.5, 2] as const);
    return logChannel({ domain, title: axisTitle, ticks: logTicks(domain, 6), format });
  };
  const x = axisOf('snr', isLowest ? 'SNR' : null, formatThousands);
  const points = (name: 'kappa' | 'normSnr', sign: Sign, axisTitle: string, orient: 'left' | 'right'): UnitSpec => {
    const y = axisOf(name, axisTitle, name === 'kappa' ? formatPower : formatThousands);
    // Two grids on top of each other would be unreadable.
    const axis = { ...y.axis, orient, titleColor: sign.color, ...(orient === 'right' ? { grid: false } : {}) };
    return {
      mark: { type: 'point', size: 22, strokeWidth: 1.2, opacity: 1, color: sign.color, ...pointStyle(sign) },
      encoding: {
        x: { field: 'snr', type: 'quantitative', ...x },
        y: { field: name, type: 'quantitative', scale: y.scale, axis },
      },
    };
  };
  return {
    ...RIGHT,
    data: { values },
    resolve: { scale: { y: 'independent' } },
    layer: [
      panelHeading(`${title} Spearman’s correlation with SNR`, [''], INDENT),
      ...keyRow(
        [
          { text: `κ̂: ${formatCorrelation(correlations?.kappa)}`, sign: KAPPA },
          { text: `normSNR: ${formatCorrelation(correlations?.normSnr)}`, sign: NORM_SNR },
        ],
        { left: -INDENT, top: -11 },
      ),
      points('kappa', KAPPA, 'concentration κ̂', 'left'),
      points('normSnr', NORM_SNR, 'normSNR', 'right'),
    ],
  };
}

function pointStyle(sign: Sign) {
  return sign.kind === 'point' ? { shape: sign.shape, filled: sign.filled } : {};
}

function formatCorrelation(value: number | null | undefined): string {
  return value === null || value === undefined ? 'undefined' : value.toFixed(3).replace('-', '−');
}
