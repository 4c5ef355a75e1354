import { epochChannel } from '../drawing/epoch-axis.ts';
import { floorRules } from '../drawing/floor-rules.ts';
import { wrapText } from '../drawing/font.ts';
import { keyRow, type Sign } from '../drawing/key.ts';
import type { LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, panelHeading, STROKES, THEME } from '../drawing/theme.ts';
import { formatPower } from '../drawing/ticks.ts';
import { valueChannel } from '../drawing/value-axis.ts';
import { groupBy, isPositive } from '../summary.ts';

/** κ̂ of one group of parameters at one checkpoint. */
export interface LayerRow {
  readonly architecture: string;
  readonly epoch: number;
  /** `hidden1/kernel`; `normalisation` for γ and β of all layers; `all` for all parameters. */
  readonly group: string;
  readonly dimension: number;
  readonly kappa: number | null;
  readonly noiseFloor: number | null;
}

export interface LayersFigureOptions {
  readonly caption: string;
  /** The panels' order; architectures without a row have no panel. */
  readonly architectures: readonly string[];
}

const COLUMNS = 2;
const PANEL = { width: 280, height: 150 };
const INDENT = 34;
const READING =
  'κ̂ over the number of parameters of each part of the network, at the initial point (1) and after epochs. Kernels from the input (light) to the output (dark). ' +
  'Dashed and grey: directions without preference';
/** Of networks whose layers are measured with fewer directions than the whole. */
const SEVERAL_FLOORS = ', as many as those of the whole (lower line) or of a layer';

const ALL: LineSign = { kind: 'line', color: COLOURS.black, strokeWidth: STROKES.strong };
const NORMALISATION: LineSign = { kind: 'line', color: COLOURS.blue, strokeWidth: STROKES.curve, dash: [4, 2] };

/** κ̂/d of each layer's kernel, of all normalisation and of all parameters against the epoch, one panel for each architecture. */
export function layersFigure(rows: readonly LayerRow[], { caption, architectures }: LayersFigureOptions): TopLevelSpec {
  const byArchitecture = groupBy(rows, ({ architecture }) => architecture);
  const present = architectures.filter((name) => byArchitecture.has(name));
  const width = Math.min(COLUMNS, present.length) * (PANEL.width + INDENT + 14);
  const severalFloors = present.some((name) => floorsOf(byArchitecture.get(name) ?? []).size > 1);
  return {
    config: THEME,
    columns: COLUMNS,
    spacing: { row: 20, column: 18 },
    title: captionTitle(
      wrapText(`${caption} ${READING}${severalFloors ? SEVERAL_FLOORS : ''}.`, FONT_SIZES.small, width),
    ),
    concat: present.map((architecture, index) =>
      panel(architecture, byArchitecture.get(architecture) ?? [], {
        isLeftmost: index % COLUMNS === 0,
        isLowest: index + COLUMNS >= present.length,
      }),
    ),
  };
}

/** Those that an eye can tell apart. */
function floorsOf(rows: readonly LayerRow[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap(({ dimension, noiseFloor }) => (noiseFloor === null ? [] : [(noiseFloor / dimension).toPrecision(3)])),
  );
}

/** From the input to the output. */
export function kernelsInOrder(groups: Iterable<string>): readonly string[] {
  const rank = (name: string) => (name.startsWith('stem/') ? 0 : name.startsWith('logits/') ? 2 : 1);
  return [...new Set(groups)]
    .filter((name) => name.endsWith('/kernel'))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }));
}

function panel(
  architecture: string,
  rows: readonly LayerRow[],
  { isLeftmost, isLowest }: { readonly isLeftmost: boolean; readonly isLowest: boolean },
): LayerSpec {
  const measured = rows.flatMap(({ group, epoch, dimension, kappa }) =>
    isPositive(kappa) ? [{ group, x: epoch + 1, y: kappa / dimension }] : [],
  );
  const floors = rows.flatMap(({ dimension, noiseFloor }) => (noiseFloor === null ? [] : [noiseFloor / dimension]));
  const values = [...measured.map(({ y }) => y), ...floors];
  const last = Math.max(1, ...measured.map(({ x }) => x));
  const x = epochChannel({ last, hasTitle: isLowest, mostTicks: 8 });
  const title = isLeftmost ? 'κ̂ / d' : null;
  const y = valueChannel({ values, padding: 1.2, title, mostTicks: 7, format: formatPower });
  const kernels = kernelsInOrder(measured.map(({ group }) => group));
  const lines = [
    ...kernels.map((group, i) => ({ group, sign: kernelSign(i, kernels.length) })),
    { group: 'normalisation', sign: NORMALISATION },
    { group: 'all', sign: ALL },
  ].filter(({ group }) => measured.some((each) => each.group === group));
  return {
    ...PANEL,
    layer: [
      panelHeading(architecture, [''], INDENT),
      ...keyRow(keyOf(kernels, lines), { left: -INDENT, top: -11 }),
      floorRules(floors, y),
      ...lines.map(
        ({ group, sign: { kind: _, dash, ...stroke } }): UnitSpec => ({
          data: { values: measured.filter((each) => each.group === group).sort((a, b) => a.x - b.x) },
          mark: { type: 'line', strokeJoin: 'round', ...stroke, ...(dash ? { strokeDash: [...dash] } : {}) },
          encoding: {
            x: { field: 'x', type: 'quantitative', ...x },
            y: { field: 'y', type: 'quantitative', ...y },
          },
        }),
      ),
    ],
  };
}

type LineSign = Extract<Sign, { kind: 'line' }>;

function kernelSign(index: number, count: number): LineSign {
  const places = KERNEL_COLOURS.length - 1;
  const color = KERNEL_COLOURS[count < 2 ? 0 : Math.round((index * places) / (count - 1))] as string;
  return { kind: 'line', color, strokeWidth: STROKES.thin + 0.3 };
}

/** From light to dark, without black, which stands for all parameters, and the blue of normalisation. */
const KERNEL_COLOURS = ['#E69F00', '#DD7F00', '#C25A00', '#8C3D00', '#5C2800'];

function keyOf(kernels: readonly string[], lines: readonly { readonly group: string; readonly sign: LineSign }[]) {
  const ends = new Set([kernels[0], kernels.at(-1)]);
  return lines
    .filter(({ group }) => group === 'all' || group === 'normalisation' || ends.has(group))
    .map(({ group, sign }) => ({ text: group, sign }));
}
