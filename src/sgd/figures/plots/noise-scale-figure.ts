import { epochChannel } from '../drawing/epoch-axis.ts';
import { floorRules } from '../drawing/floor-rules.ts';
import { wrapText } from '../drawing/font.ts';
import { keyRow, type Sign } from '../drawing/key.ts';
import type { LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, panelHeading, STROKES, THEME } from '../drawing/theme.ts';
import { formatPower, formatThousands } from '../drawing/ticks.ts';
import { valueChannel } from '../drawing/value-axis.ts';
import { expectedConcentration } from '../expected-concentration.ts';
import { groupBy, isPositive } from '../summary.ts';

/** A sample at one checkpoint, or of another minibatch size there. */
export interface NoiseScaleRow {
  readonly architecture: string;
  readonly epoch: number;
  readonly dimension: number;
  /** n */
  readonly samples: number;
  /** m */
  readonly batchSize: number | null;
  readonly noiseScale: number | null;
  readonly kappa: number | null;
  readonly normSnr: number | null;
  readonly noiseFloor: number | null;
}

export interface NoiseScaleFigureOptions {
  readonly caption: string;
  /** The order of the colours. */
  readonly architectures: readonly string[];
  /** m of the checkpoints' samples. */
  readonly batchSize: number;
}

const PANEL = { width: 200, height: 165 };
const INDENT = 32;
const READING =
  '(a) The noise scale B at checkpoints. (b) κ̂ over the number of parameters d and B at the same checkpoints; line: predicted from B, r̄² = ρ² + (1 − ρ²)/n with n minibatches, ρ² = m/(B + m); circles: with normSNR too, ρ² = m/(B + m)·(1 + 1/normSNR²). ' +
  '(c) κ̂/d against the minibatch size m, and the prediction from the B of m = BATCH. Dashed: directions without preference.';

/** Of the points of an epoch. */
const SHAPES = ['circle', 'triangle-up', 'square', 'diamond'];

const PALETTE = [
  COLOURS.blue,
  COLOURS.vermilion,
  COLOURS.orange,
  COLOURS.black,
  '#CC79A7',
  '#009E73',
  '#56B4E9',
  '#8C3D00',
];

/**
 * @param checkpoints samples of one minibatch size at the checkpoints of a run of each architecture
 * @param sizes samples of several sizes at some checkpoints
 */
export function noiseScaleFigure(
  checkpoints: readonly NoiseScaleRow[],
  sizes: readonly NoiseScaleRow[],
  { caption, architectures, batchSize }: NoiseScaleFigureOptions,
): TopLevelSpec {
  const colourOf = (architecture: string) =>
    PALETTE[Math.max(0, architectures.indexOf(architecture)) % PALETTE.length] as string;
  const reading = READING.replace('BATCH', String(batchSize));
  const width = 3 * (PANEL.width + INDENT + 16);
  return {
    config: THEME,
    spacing: 18,
    title: captionTitle(wrapText(`${caption} ${reading}`.trim(), FONT_SIZES.small, width)),
    hconcat: [
      coursePanel(checkpoints, architectures, colourOf),
      relationPanel(checkpoints, batchSize, colourOf),
      sizesPanel(sizes, batchSize, colourOf),
    ],
  };
}

type Colours = (architecture: string) => string;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly color: string;
  readonly shape?: string;
}

function coursePanel(rows: readonly NoiseScaleRow[], architectures: readonly string[], colourOf: Colours): LayerSpec {
  const points = rows.flatMap(({ architecture, epoch, noiseScale }) =>
    isPositive(noiseScale) ? [{ architecture, x: epoch + 1, y: noiseScale }] : [],
  );
  const present = architectures.filter((name) => points.some(({ architecture }) => architecture === name));
  const x = epochChannel({ last: Math.max(1, ...points.map((point) => point.x)), hasTitle: true, mostTicks: 6 });
  const y = axisOf(
    points.map((point) => point.y),
    'noise scale B',
    formatPower,
  );
  const key = present.map((text): { text: string; sign: Sign } => ({
    text,
    sign: { kind: 'line', color: colourOf(text), strokeWidth: STROKES.curve },
  }));
  return {
    ...PANEL,
    layer: [
      panelHeading('(a)', [''], INDENT),
      ...keyRow(key.slice(0, 4), { left: -INDENT, top: -11 }),
      ...keyRow(key.slice(4), { left: -INDENT + 24, top: -23 }),
      ...[...groupBy(points, ({ architecture }) => architecture)].map(
        ([architecture, values]): UnitSpec => ({
          data: { values: [...values].sort((a, b) => a.x - b.x) },
          mark: {
            type: 'line',
            point: { size: 14, filled: true, color: colourOf(architecture) },
            color: colourOf(architecture),
            strokeWidth: STROKES.curve,
          },
          encoding: channels(x, y),
        }),
      ),
    ],
  };
}

function relationPanel(rows: readonly NoiseScaleRow[], batchSize: number, colourOf: Colours): LayerSpec {
  const points = rows.flatMap(({ architecture, dimension, noiseScale, kappa }): Point[] =>
    isPositive(noiseScale) && isPositive(kappa)
      ? [{ x: noiseScale, y: kappa / dimension, color: colourOf(architecture) }]
      : [],
  );
  const withNorms = rows.flatMap(({ noiseScale, samples, normSnr }): Point[] =>
    isPositive(noiseScale) && isPositive(normSnr)
      ? [{ x: noiseScale, y: expectedConcentration({ noiseScale, batchSize, samples, normSnr }), color: COLOURS.black }]
      : [],
  );
  const xs = points.map((point) => point.x);
  const counts = [...new Set(rows.map(({ samples }) => samples))];
  const lines = counts.map((n) =>
    curve(xs, (noiseScale) => expectedConcentration({ noiseScale, batchSize, samples: n }), COLOURS.muted),
  );
  const x = axisOf(xs, 'noise scale B', formatPower);
  const floors = floorsOf(rows);
  const y = axisOf(
    [...points, ...withNorms, ...lines.flat()].map((point) => point.y).concat(floors),
    `κ̂ / d at m = ${batchSize}`,
    formatPower,
  );
  return {
    ...PANEL,
    layer: [
      panelHeading('(b)', [''], INDENT),
      floorRules(floors, y),
      ...lines.map((line) => lineMark(line, x, y)),
      pointMark(points, x, y),
      circleMark(withNorms, x, y),
    ],
  };
}

function sizesPanel(rows: readonly NoiseScaleRow[], batchSize: number, colourOf: Colours): LayerSpec {
  const measured = rows.flatMap((row) =>
    isPositive(row.batchSize) && isPositive(row.kappa)
      ? [{ ...row, x: row.batchSize, y: row.kappa / row.dimension }]
      : [],
  );
  const epochs = [...new Set(measured.map(({ epoch }) => epoch))].sort((a, b) => a - b);
  const shapeOf = (epoch: number) => SHAPES[epochs.indexOf(epoch) % SHAPES.length] as string;
  const points = measured.map(
    ({ architecture, epoch, x, y }): Point => ({ x, y, color: colourOf(architecture), shape: shapeOf(epoch) }),
  );
  const key = epochs.map((epoch): { text: string; sign: Sign } => ({
    text: `epoch ${epoch}`,
    sign: { kind: 'point', color: COLOURS.muted, shape: shapeOf(epoch), filled: true },
  }));
  const xs = points.map((point) => point.x);
  const curves = [
    ...groupBy(measured, ({ architecture, epoch }) => JSON.stringify([architecture, epoch])).values(),
  ].flatMap((group) => {
    const reference = group.find((row) => row.batchSize === batchSize);
    const noiseScale = reference?.noiseScale ?? null;
    if (!reference || !isPositive(noiseScale)) return [];
    return [
      curve(
        xs,
        (m) => expectedConcentration({ noiseScale, batchSize: m, samples: reference.samples }),
        colourOf(reference.architecture),
      ),
    ];
  });
  const floors = floorsOf(rows);
  const x = axisOf(xs, 'minibatch size m', formatThousands);
  const y = axisOf([...points, ...curves.flat()].map((point) => point.y).concat(floors), 'κ̂ / d', formatPower);
  return {
    ...PANEL,
    layer: [
      panelHeading('(c)', [''], INDENT),
      ...keyRow(key, { left: -INDENT, top: -11 }),
      floorRules(floors, y),
      ...curves.map((line) => lineMark(line, x, y)),
      pointMark(points, x, y),
    ],
  };
}

const CURVE_POINTS = 60;

/** Points of a function, evenly spaced on a logarithmic axis. */
function curve(xs: readonly number[], value: (x: number) => number, color: string): readonly Point[] {
  if (xs.length === 0) return [];
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  return Array.from({ length: CURVE_POINTS }, (_, i) => {
    const x = low * (high / low) ** (i / (CURVE_POINTS - 1));
    return { x, y: value(x), color };
  });
}

function floorsOf(rows: readonly NoiseScaleRow[]): readonly number[] {
  return rows.flatMap((row) => (isPositive(row.noiseFloor) ? [row.noiseFloor / row.dimension] : []));
}

type Channel = ReturnType<typeof valueChannel>;

function axisOf(values: readonly number[], title: string, format: (value: number) => string): Channel {
  return valueChannel({ values, padding: 1.25, title, mostTicks: 6, format });
}

function channels(x: Channel, y: Channel) {
  return {
    x: { field: 'x', type: 'quantitative' as const, ...x },
    y: { field: 'y', type: 'quantitative' as const, ...y },
  };
}

function lineMark(values: readonly Point[], x: Channel, y: Channel): UnitSpec {
  return {
    data: { values: [...values] },
    mark: { type: 'line', color: values[0]?.color ?? COLOURS.muted, strokeWidth: STROKES.thin },
    encoding: channels(x, y),
  };
}

function pointMark(values: readonly Point[], x: Channel, y: Channel): UnitSpec {
  return {
    data: { values: values.map((point) => ({ shape: 'circle', ...point })) },
    mark: { type: 'point', filled: true, size: 22, opacity: 1 },
    encoding: {
      ...channels(x, y),
      color: { field: 'color', type: 'nominal', scale: null },
      shape: { field: 'shape', type: 'nominal', scale: null },
    },
  };
}

function circleMark(values: readonly Point[], x: Channel, y: Channel): UnitSpec {
  return {
    data: { values: [...values] },
    mark: { type: 'point', filled: false, size: 36, opacity: 1, strokeWidth: 0.7, color: COLOURS.black },
    encoding: channels(x, y),
  };
}
