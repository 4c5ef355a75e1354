import { wrapText } from '../drawing/font.ts';
import { keyRow, type Sign } from '../drawing/key.ts';
import type { LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, panelHeading, STROKES, THEME } from '../drawing/theme.ts';
import { formatThousands } from '../drawing/ticks.ts';
import { valueChannel } from '../drawing/value-axis.ts';
import { groupBy, meanAndStd } from '../summary.ts';

/** A run after an epoch. */
export interface AdaptiveBatchRow {
  readonly architecture: string;
  readonly rule: string;
  readonly epoch: number;
  readonly examples: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly validationLoss: number;
}

export interface AdaptiveBatchFigureOptions {
  readonly caption: string;
  readonly architectures: readonly string[];
  /** In the order of their colours. */
  readonly rules: readonly string[];
}

const PANEL = { width: 200, height: 130 };
const INDENT = 34;
const PALETTE = [COLOURS.muted, COLOURS.black, COLOURS.orange, COLOURS.blue, COLOURS.vermilion, '#CC79A7'];
const READING =
  'Means over seeds. Rows: validation loss against examples and against steps; the minibatch size m of each epoch.';

/** Validation loss against examples and steps, and the minibatch size, one column for each architecture. */
export function adaptiveBatchFigure(
  rows: readonly AdaptiveBatchRow[],
  options: AdaptiveBatchFigureOptions,
): TopLevelSpec {
  const present = options.architectures.filter((name) => rows.some(({ architecture }) => architecture === name));
  const width = Math.max(2, present.length) * (PANEL.width + INDENT + 16);
  return {
    config: THEME,
    columns: Math.max(1, present.length),
    spacing: { row: 14, column: 18 },
    title: captionTitle(wrapText(`${options.caption} ${READING}`.trim(), FONT_SIZES.small, width)),
    concat: (['examples', 'steps', 'size'] as const).flatMap((kind) =>
      present.map((architecture) => {
        const ofArchitecture = rows.filter((row) => row.architecture === architecture);
        return panel(architecture, averages(ofArchitecture), kind, options.rules);
      }),
    ),
  };
}

type Average = Omit<AdaptiveBatchRow, 'architecture'>;

function averages(rows: readonly AdaptiveBatchRow[]): readonly Average[] {
  return [...groupBy(rows, ({ rule, epoch }) => JSON.stringify([rule, epoch])).values()].map((group) => {
    const { rule, epoch } = group[0] as AdaptiveBatchRow;
    const mean = (value: (row: AdaptiveBatchRow) => number) => meanAndStd(group.map(value)).mean;
    return {
      ...{ rule, epoch },
      examples: mean((row) => row.examples),
      steps: mean((row) => row.steps),
      batchSize: mean((row) => row.batchSize),
      validationLoss: mean((row) => row.validationLoss),
    };
  });
}

const AXES = {
  examples: { x: 'examples', y: 'validationLoss', xTitle: 'examples', yTitle: 'validation loss' },
  steps: { x: 'steps', y: 'validationLoss', xTitle: 'steps', yTitle: 'validation loss' },
  size: { x: 'examples', y: 'batchSize', xTitle: 'examples', yTitle: 'minibatch size m' },
} as const;

function panel(
  architecture: string,
  rows: readonly Average[],
  kind: keyof typeof AXES,
  rules: readonly string[],
): LayerSpec {
  const { x, y, xTitle, yTitle } = AXES[kind];
  const axis = (field: 'examples' | 'steps' | 'validationLoss' | 'batchSize', title: string) => {
    const values = rows.map((row) => row[field]);
    return valueChannel({ values, padding: 1.08, title, mostTicks: 6, format: formatThousands });
  };
  const signs = rules.map((text, i): { text: string; sign: Extract<Sign, { kind: 'line' }> } => ({
    text,
    sign: { kind: 'line', color: PALETTE[i % PALETTE.length] as string, strokeWidth: STROKES.curve },
  }));
  const channels = {
    x: { field: x, type: 'quantitative' as const, ...axis(x, xTitle) },
    y: { field: y, type: 'quantitative' as const, ...axis(y, yTitle) },
  };
  return {
    ...PANEL,
    layer: [
      ...(kind === 'examples'
        ? [
            panelHeading(architecture, ['', ''], INDENT),
            ...keyRow(signs.slice(0, 3), { left: -INDENT, top: -23 }),
            ...keyRow(signs.slice(3), { left: -INDENT, top: -11 }),
          ]
        : []),
      ...signs.map(
        ({ text, sign }): UnitSpec => ({
          data: { values: rows.filter(({ rule }) => rule === text).sort((a, b) => a.epoch - b.epoch) },
          mark: { type: 'line', color: sign.color, strokeWidth: sign.strokeWidth, strokeJoin: 'round' },
          encoding: channels,
        }),
      ),
    ],
  };
}
