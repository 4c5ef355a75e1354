import { wrapText } from '../drawing/font.ts';
import { type PlanePoint, planeOf } from '../drawing/plane.ts';
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
import { formatBinaryPower, powersOfTwo } from '../drawing/ticks.ts';
import { groupBy, meanAndStd } from '../summary.ts';

/** The norms of the gradients of minibatches of one size, at one point. */
export interface NormStochasticityRow {
  /** The run whose initial point it is. */
  readonly seed: number;
  /** m */
  readonly batchSize: number;
  readonly minibatches: number;
  /** E‖ĝ‖ */
  readonly meanNorm: number;
  /** √Var‖ĝ‖ */
  readonly stdNorm: number;
  /** √Var‖ĝ‖ / E‖ĝ‖ */
  readonly stochasticity: number;
}

/** Three gradients that cancel, and the sum of their directions. */
export interface BalancedGradients {
  readonly gradients: readonly PlanePoint[];
  readonly directions: readonly PlanePoint[];
  readonly resultant: PlanePoint;
}

const PANEL = { width: 230, height: 150 };
const PLANE = { width: 168, height: 150, margin: 20 };
const INDENT = 32;
const SPACING = 26;
const MOST_TICKS = 6;
const READING =
  '(a) Line: mean over the initial points of as many runs; band: ± one standard deviation. (b, c) Black: gradients; dots: ' +
  'their directions on the unit circle; blue: the sum of the directions.';

/**
 * Figure 2: (a) the gradient norm stochasticity √Var‖ĝ‖/E‖ĝ‖ against the size of the minibatch, mean over points and the band ± one
 * standard deviation; (b) and (c) three gradients that cancel. If their norms are equal, their directions cancel too.
 */
export function normStochasticityFigure(
  rows: readonly NormStochasticityRow[],
  balanced: { readonly equal: BalancedGradients; readonly unequal: BalancedGradients },
  caption: string,
): TopLevelSpec {
  const width = PANEL.width + 2 * PLANE.width + 2 * SPACING + INDENT;
  return {
    config: THEME,
    spacing: SPACING,
    title: captionTitle(wrapText(`${caption} ${READING}`.trim(), FONT_SIZES.small, width)),
    hconcat: [
      stochasticityPanel(rows),
      balancePanel('(b) balanced, equal norms', balanced.equal),
      balancePanel('(c) balanced, unequal norms', balanced.unequal),
    ],
  };
}

function stochasticityPanel(rows: readonly NormStochasticityRow[]): LayerSpec {
  const sizes = [...groupBy(rows, ({ batchSize }) => batchSize)]
    .sort(([a], [b]) => a - b)
    .map(([batchSize, group]) => {
      const { mean, std } = meanAndStd(group.map(({ stochasticity }) => stochasticity));
      return { batchSize, mean, low: Math.max(0, mean - (std ?? 0)), high: mean + (std ?? 0) };
    });
  const first = sizes[0]?.batchSize ?? 1;
  const last = Math.max(2 * first, sizes.at(-1)?.batchSize ?? 1);
  const x = logChannel({
    domain: padLog(first, last, 1.25),
    title: 'minibatch size m',
    ticks: powersOfTwo([first, last], MOST_TICKS),
    format: formatBinaryPower,
  });
  const channel = (field: string) => ({
    field,
    type: 'quantitative' as const,
    scale: { zero: true, nice: true },
    axis: { title: '√Var‖ĝ‖ / E‖ĝ‖', tickCount: 5, labelFlush: false },
  });
  const at = { field: 'batchSize', type: 'quantitative' as const, ...x };
  const curve = (mark: UnitSpec['mark']): UnitSpec => ({ mark, encoding: { x: at, y: channel('mean') } });
  const band: UnitSpec = {
    mark: { type: 'area', color: COLOURS.blue, opacity: 0.22, line: false },
    encoding: { x: at, y: channel('low'), y2: { field: 'high' } },
  };
  const points = new Set(rows.map(({ seed }) => seed)).size;
  return {
    ...PANEL,
    data: { values: sizes },
    layer: [
      panelHeading('(a) gradient norm stochasticity', [`at ${points} random point${points === 1 ? '' : 's'}`], INDENT),
      ...(points > 1 ? [band] : []),
      curve({ type: 'line', color: COLOURS.blue, strokeWidth: STROKES.curve, strokeJoin: 'round' }),
      curve({ type: 'point', color: COLOURS.blue, filled: true, size: 11, opacity: 1 }),
    ],
  };
}

const SUBSCRIPTS = ['₁', '₂', '₃'];

function balancePanel(title: string, { gradients, directions, resultant }: BalancedGradients): LayerSpec {
  const origin: PlanePoint = [0, 0];
  const corners: PlanePoint[] = [
    [-1, -1],
    [1, 1],
  ];
  const plane = planeOf([...corners, ...gradients], PLANE);
  const length = Math.hypot(...resultant);
  const thin = { color: COLOURS.axis, strokeWidth: STROKES.thin, strokeDash: STROKES.dash };
  const sum =
    length > 1e-9 ? [plane.arrow(origin, resultant, { color: COLOURS.blue, strokeWidth: STROKES.strong })] : [];
  return {
    width: plane.width,
    height: plane.height,
    layer: [
      panelHeading(title, [`Σ ĝ = 0, ‖Σ ĝ/‖ĝ‖‖ = ${length.toFixed(2)}`], 0),
      plane.circle(origin, 1, thin),
      ...directions.map((direction) => plane.segment(origin, direction, thin)),
      plane.dots(directions, { color: COLOURS.axis, diameter: 5 }),
      ...gradients.map((gradient) => plane.arrow(origin, gradient, { color: COLOURS.ink, strokeWidth: STROKES.curve })),
      ...sum,
      ...directions.map(([x, y], index) =>
        plane.label(Math.hypot(...(gradients[index] ?? origin)) > 1 ? (gradients[index] ?? origin) : [x, y], {
          text: `ĝ${SUBSCRIPTS[index]}`,
          offset: [12 * x, -12 * y],
        }),
      ),
    ],
  };
}
