import { wrapText } from '../drawing/font.ts';
import { keyEntry, keyRow } from '../drawing/key.ts';
import type { Axis, LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, ORDERED_COLOURS, panelHeading, STROKES, THEME } from '../drawing/theme.ts';
import { formatPower, formatThousands } from '../drawing/ticks.ts';
import { groupBy } from '../summary.ts';

/** A point of a density curve of angles between a fixed direction and others. */
export interface AngleRow {
  /** `asymptotic` compares dimensions; `initial` and `last` are a run's first and last checkpoint. */
  readonly panel: 'asymptotic' | 'initial' | 'last';
  /** `asymptotic`: the normal limit; `gradients`: the kernel density estimate of a seed's minibatch gradients. */
  readonly series: 'asymptotic' | 'gradients';
  /** d: of the curve in the panel `asymptotic`, else of the model. */
  readonly dimension: number;
  /** Null for the normal limit. */
  readonly seed: number | null;
  /** Degrees. */
  readonly angle: number;
  /** Per degree. */
  readonly density: number;
  /** The checkpoint's epoch; null in the panel `asymptotic`. */
  readonly epoch: number | null;
  /** Mean over seeds at the checkpoint, a fraction of 1; null in the panel `asymptotic`. */
  readonly trainingAccuracy: number | null;
}

const PANEL = { width: 196, height: 140 };
const INDENT = 24;
const SPACING = 20;

/**
 * Figure 3: densities of the angle between minibatch gradients and one fixed random direction, with the limit for
 * uniformly random directions in d dimensions, N(90, (180/π)²/d). Panels without rows are left out.
 */
export function anglesFigure(rows: readonly AngleRow[], caption: string): TopLevelSpec {
  const panels = groupBy(rows, ({ panel }) => panel);
  const measured = [...(panels.get('initial') ?? []), ...(panels.get('last') ?? [])];
  const present = (['asymptotic', 'initial', 'last'] as const).filter((name) => panels.has(name));
  const width = present.length * (PANEL.width + INDENT + SPACING);
  return {
    config: THEME,
    spacing: SPACING,
    ...(caption === '' ? {} : { title: captionTitle(wrapText(caption, FONT_SIZES.small, width)) }),
    hconcat: present.map((name, index) => {
      const panelRows = panels.get(name) ?? [];
      const letter = `(${'abc'[index]})`;
      return name === 'asymptotic'
        ? limitPanel(`${letter} asymptotic densities`, panelRows)
        : checkpointPanel(`${letter} ${checkpointName(name, panelRows)}`, panelRows, rangeOf(measured));
    }),
  };
}

function checkpointName(panel: 'initial' | 'last', rows: readonly AngleRow[]): string {
  if (panel === 'initial') return 'initial point';
  const accuracy = rows[0]?.trainingAccuracy;
  return typeof accuracy === 'number' ? `training accuracy ${formatAccuracy(accuracy)} %` : `epoch ${rows[0]?.epoch}`;
}

/** Per cent with two decimals, rounded down: 99.996 % must not be shown as 100 %. */
function formatAccuracy(fraction: number): string {
  return (Math.floor(fraction * 1e4 + 1e-6) / 100).toFixed(2);
}

function limitPanel(title: string, rows: readonly AngleRow[]): LayerSpec {
  const dimensions = [...new Set(rows.map(({ dimension }) => dimension))].sort((a, b) => a - b);
  const colour = (index: number) => ORDERED_COLOURS[index % ORDERED_COLOURS.length] ?? COLOURS.ink;
  return {
    ...PANEL,
    layer: [
      panelHeading(title, ['N(90, (180/π)²/d)'], INDENT),
      ...dimensions.map((dimension, index) =>
        curve(
          rows.filter((row) => row.dimension === dimension),
          rangeOf(rows),
          { color: colour(index), strokeWidth: STROKES.curve },
        ),
      ),
      ...dimensions.flatMap((dimension, index) =>
        keyEntry(
          {
            text: `d = ${dimension % 1e5 === 0 ? formatPower(dimension) : formatThousands(dimension)}`,
            sign: { kind: 'line', color: colour(index), strokeWidth: STROKES.curve },
          },
          { left: PANEL.width - 70, top: 8 + 13 * index },
        ),
      ),
    ],
  };
}

function checkpointPanel(title: string, rows: readonly AngleRow[], range: Range): LayerSpec {
  const limit = { color: COLOURS.red, strokeWidth: STROKES.strong };
  const gradients = { color: COLOURS.black, strokeWidth: STROKES.thin };
  const bySeed = groupBy(
    rows.filter(({ series }) => series === 'gradients'),
    ({ seed }) => seed,
  );
  const label = `minibatch gradients, ${bySeed.size} seed${bySeed.size === 1 ? '' : 's'}`;
  return {
    ...PANEL,
    layer: [
      panelHeading(title, [''], INDENT),
      // Above the frame, where no curve can reach it, on the heading's last line.
      ...keyRow(
        [
          { text: label, sign: { kind: 'line', ...gradients } },
          { text: 'asymptotic', sign: { kind: 'line', ...limit } },
        ],
        { left: -INDENT, top: -11 },
      ),
      curve(
        rows.filter(({ series }) => series === 'asymptotic'),
        range,
        limit,
      ),
      ...[...bySeed.values()].map((seedRows) => curve(seedRows, range, gradients)),
    ],
  };
}

interface LineStyle {
  readonly color: string;
  readonly strokeWidth: number;
}

function curve(rows: readonly AngleRow[], { angles, densities }: Range, style: LineStyle): UnitSpec {
  const axis: Axis = { tickCount: 5, labelFlush: false };
  return {
    data: { values: rows.map(({ angle, density }) => ({ angle, density })) },
    mark: { type: 'line', clip: true, strokeJoin: 'round', ...style },
    encoding: {
      x: {
        field: 'angle',
        type: 'quantitative',
        scale: { domain: angles, nice: false, zero: false },
        axis: { ...axis, title: 'angle (degrees)' },
      },
      y: {
        field: 'density',
        type: 'quantitative',
        scale: { domain: densities, nice: true },
        axis: { ...axis, title: 'density' },
      },
    },
  };
}

/** The content of a panel. */
interface Range {
  readonly angles: [number, number];
  readonly densities: [number, number];
}

/** As high and as wide as the curves, and symmetric about 90 degrees. */
function rangeOf(rows: readonly AngleRow[]): Range {
  const peak = rows.reduce((most, { density }) => Math.max(most, density), 0);
  const reach = rows.reduce(
    (most, { angle, density }) => (density > peak / 1000 ? Math.max(most, Math.abs(angle - 90)) : most),
    0,
  );
  return { angles: [90 - reach, 90 + reach], densities: [0, peak] };
}
