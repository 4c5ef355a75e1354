import { epochChannel } from '../drawing/epoch-axis.ts';
import { wrapText } from '../drawing/font.ts';
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
import { formatPower, logTicks } from '../drawing/ticks.ts';
import { groupBy, isPositive, meanAndStd } from '../summary.ts';
import { type AccuracyRow, formatOurs, formatPaper } from '../tables/accuracy.ts';

/** κ̂ of one run at one checkpoint. */
export interface ConcentrationRow {
  readonly architecture: string;
  readonly seed: number;
  /** 0 is the initial point. */
  readonly epoch: number;
  /** Null where it is undefined or infinite; such checkpoints are left out. */
  readonly kappa: number | null;
  /** κ̂ that uniformly random directions would have, from their number alone. */
  readonly noiseFloor: number | null;
}

export interface ConcentrationFigureOptions {
  /** The scale of the experiment with an architecture; text that several architectures share appears once. */
  readonly captions: Readonly<Record<string, string>>;
  /** The panels' order; architectures without a row have no panel. */
  readonly architectures: readonly string[];
}

const COLUMNS = 4;
const PANEL = { width: 136, height: 118 };
/** Room for the tick labels left of a panel. */
const INDENT = 36;
const MOST_TICKS = { x: 8, y: 7 };

/** A checkpoint over seeds. `low` and `high` are mean ∓ one sample standard deviation. */
interface Checkpoint {
  /** epoch + 1: the initial point has a place on a logarithmic axis. */
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Figure 5: the concentration κ̂ of the gradients' directions against the epoch, one panel per architecture, both axes
 * logarithmic. Mean over seeds, the band ± one standard deviation, the noise floor dashed.
 */
export function concentrationFigure(
  rows: readonly ConcentrationRow[],
  accuracies: readonly AccuracyRow[],
  { captions, architectures }: ConcentrationFigureOptions,
): TopLevelSpec {
  const byArchitecture = groupBy(rows, ({ architecture }) => architecture);
  const present = architectures.filter((name) => byArchitecture.get(name)?.some(({ kappa }) => isPositive(kappa)));
  const caption = [...new Set(present.map((name) => captions[name]?.replace(/\.?$/, '.')))].filter(Boolean).join(' ');
  const seeds = new Set(rows.map(({ seed }) => seed)).size;
  const columns = Math.min(COLUMNS, present.length);
  const reading = `${seeds > 1 ? ' Line: mean over seeds; band: ± one standard deviation.' : ''} At 1 is the initial point.`;
  const width = columns * (PANEL.width + INDENT + 14);
  return {
    config: THEME,
    columns: COLUMNS,
    title: captionTitle(wrapText(`${caption}${reading}`.trim(), FONT_SIZES.small, width)),
    concat: present.map((architecture, index) =>
      panel(
        architecture,
        byArchitecture.get(architecture) ?? [],
        accuracies.find((row) => row.architecture === architecture),
        { isLeftmost: index % COLUMNS === 0, isLowest: index + COLUMNS >= present.length },
      ),
    ),
  };
}

function panel(
  architecture: string,
  rows: readonly ConcentrationRow[],
  accuracy: AccuracyRow | undefined,
  { isLeftmost, isLowest }: { readonly isLeftmost: boolean; readonly isLowest: boolean },
): LayerSpec {
  const checkpoints = summarise(rows);
  const floors = [...new Set(rows.map(({ noiseFloor }) => noiseFloor).filter(isPositive))];
  const domain = padLog(
    // A standard deviation near the mean would stretch the axis downwards without end.
    Math.min(...floors, ...checkpoints.map(({ mean, low }) => Math.max(low, mean / 5))),
    Math.max(...floors, ...checkpoints.map(({ high }) => high)),
    1.25,
  );
  const last = Math.max(...checkpoints.map(({ x }) => x));
  const x = epochChannel({ last, hasTitle: isLowest, mostTicks: MOST_TICKS.x });
  const y = logChannel({
    domain,
    title: isLeftmost ? 'concentration κ̂' : null,
    ticks: logTicks(domain, MOST_TICKS.y),
    format: formatPower,
  });
  const drawn = checkpoints.map((checkpoint) => ({ ...checkpoint, low: Math.max(checkpoint.low, domain[0]) }));
  const hasBand = drawn.some(({ low, high }) => low < high);
  const curve = (mark: UnitSpec['mark']): UnitSpec => ({
    mark,
    encoding: { x: { field: 'x', type: 'quantitative', ...x }, y: { field: 'mean', type: 'quantitative', ...y } },
  });
  const band: UnitSpec = {
    mark: { type: 'area', color: COLOURS.blue, opacity: 0.22, line: false },
    encoding: {
      x: { field: 'x', type: 'quantitative', ...x },
      y: { field: 'low', type: 'quantitative', ...y },
      y2: { field: 'high' },
    },
  };
  const floor: LayerSpec = {
    data: { values: floors.map((value) => ({ value })) },
    encoding: { y: { field: 'value', type: 'quantitative', ...y } },
    layer: [
      { mark: { type: 'rule', color: COLOURS.muted, strokeWidth: STROKES.thin, strokeDash: [...STROKES.dash] } },
      {
        mark: {
          type: 'text',
          text: 'noise floor',
          x: 4,
          dy: -3,
          align: 'left',
          baseline: 'bottom',
          color: COLOURS.muted,
          fontSize: FONT_SIZES.small - 1,
        },
      },
    ],
  };
  return {
    ...PANEL,
    data: { values: drawn },
    layer: [
      panelHeading(architecture, accuracyLines(accuracy), INDENT),
      ...(floors.length > 0 ? [floor] : []),
      ...(hasBand ? [band] : []),
      curve({ type: 'line', color: COLOURS.blue, strokeWidth: STROKES.curve, strokeJoin: 'round' }),
      curve({ type: 'point', color: COLOURS.blue, filled: true, size: 11, opacity: 1 }),
    ],
  };
}

function accuracyLines(accuracy: AccuracyRow | undefined): string[] {
  if (!accuracy) return [];
  const paper = formatPaper(accuracy.architecture);
  const ours = `ours ${formatOurs(accuracy)} %`;
  const seeds = `${accuracy.seeds} seed${accuracy.seeds === 1 ? '' : 's'}`;
  return [`best validation accuracy, ${seeds}`, paper === undefined ? ours : `${ours} · paper ${paper} %`];
}

function summarise(rows: readonly ConcentrationRow[]): Checkpoint[] {
  return [...groupBy(rows, ({ epoch }) => epoch)]
    .map(([epoch, group]) => ({ epoch, kappas: group.map(({ kappa }) => kappa).filter(isPositive) }))
    .filter(({ kappas }) => kappas.length > 0)
    .sort((a, b) => a.epoch - b.epoch)
    .map(({ epoch, kappas }) => {
      const { mean, std } = meanAndStd(kappas);
      return { x: epoch + 1, mean, low: mean - (std ?? 0), high: mean + (std ?? 0) };
    });
}
