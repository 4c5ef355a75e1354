import { textWidth, wrapText } from '../drawing/font.ts';
import { type Plane, type PlanePoint, planeOf } from '../drawing/plane.ts';
import type { LayerSpec, TopLevelSpec, UnitSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, panelHeading, STROKES, THEME } from '../drawing/theme.ts';

/** The minimisers p_j seen from a point: unit vectors towards them, and their sum. */
interface View {
  readonly point: PlanePoint;
  readonly units: readonly PlanePoint[];
  readonly resultant: PlanePoint;
}

/** ‖Σ unit(p_j − w − ε step)‖ at a step length ε. */
interface ResultantLength {
  readonly epsilon: number;
  readonly length: number;
}

/** A step towards the minimisers p_j of the minibatch losses, and what it does to the sum of the unit vectors to them. */
export interface MinimisersStep {
  readonly minimisers: readonly PlanePoint[];
  /** The length of the step in panels (a) and (b): w moves by εu. */
  readonly epsilon: number;
  readonly before: View;
  readonly after: View;
  /** Along u = Σ unit(p_j − w), as in Lemma 2. */
  readonly alongUnits: readonly ResultantLength[];
  /** Along v = Σ ĝ_j/‖ĝ_j‖, as in Theorem 3. */
  readonly alongGradients: readonly ResultantLength[];
  /** ‖u − v‖ */
  readonly deviation: number;
  /** The quadratics of v have the Hessian diag(condition, 1). */
  readonly condition: number;
  /** The bound of ‖u − v‖. */
  readonly tolerated: number;
}

const PLANE = { width: 206, height: 186, margin: 16 };
const CURVES = { width: 190, height: 150 };
const INDENT = 28;
const SPACING = 22;

/** Figure 4: a short step along the sum of the unit vectors towards the minimisers makes that sum shorter. */
export function minimisersFigure(step: MinimisersStep): TopLevelSpec {
  const { before, after, minimisers } = step;
  const plane = planeOf([...minimisers, ...[before, after].flatMap(extentOf)], PLANE);
  const width = 2 * PLANE.width + CURVES.width + INDENT + 2 * SPACING;
  return {
    config: THEME,
    spacing: SPACING,
    title: captionTitle(wrapText(captionOf(step), FONT_SIZES.small, width)),
    hconcat: [
      viewPanel(plane, '(a) at w', { view: before, minimisers, name: 'u', origin: 'w' }),
      viewPanel(plane, '(b) after the step εu', {
        view: after,
        minimisers,
        name: 'u′',
        origin: 'w + εu',
        from: before.point,
      }),
      curvesPanel(step),
    ],
  };
}

function captionOf({ epsilon, before, after, minimisers, deviation, condition, tolerated }: MinimisersStep): string {
  return (
    `(a, b) ${minimisers.length} minimisers p (circles), the unit vectors towards them (black) and their sum u (blue). The step with ` +
    `ε = ${epsilon} takes ‖u‖ = ${lengthOf(before.resultant).toFixed(3)} to ${lengthOf(after.resultant).toFixed(3)}. (c) ` +
    `v: sum of the directions of the gradients of quadratics with these minimisers and the Hessian diag(${condition}, 1); ‖u − v‖ = ` +
    `${deviation.toFixed(3)}, ${deviation < tolerated ? 'within' : 'beyond'} the ${tolerated.toFixed(3)} up to which Theorem 3 speaks of v.`
  );
}

interface ViewPanel {
  readonly view: View;
  readonly minimisers: readonly PlanePoint[];
  /** Of the sum of unit vectors. */
  readonly name: string;
  readonly origin: string;
  /** Where the step began. */
  readonly from?: PlanePoint;
}

function viewPanel(plane: Plane, title: string, { view, minimisers, name, origin, from }: ViewPanel): LayerSpec {
  const { point, units, resultant } = view;
  const thin = { color: COLOURS.axis, strokeWidth: STROKES.thin, strokeDash: STROKES.dash };
  const away = outwards(resultant);
  const gap = middleOfWidestGap([...units, ...(from ? [minus(from, point)] : [])]);
  return {
    width: plane.width,
    height: plane.height,
    layer: [
      panelHeading(title, [`‖${name}‖ = ${lengthOf(resultant).toFixed(3)}`], 0),
      plane.circle(point, 1, { color: COLOURS.grid, strokeWidth: STROKES.curve }),
      ...minimisers.map((minimiser) => plane.segment(point, minimiser, thin)),
      ...(from
        ? [
            plane.segment(from, point, { color: COLOURS.blue, strokeWidth: STROKES.thin }),
            plane.dots([from], { color: COLOURS.axis, diameter: 5 }),
          ]
        : []),
      plane.arrow(point, plus(point, resultant), { color: COLOURS.blue, strokeWidth: STROKES.strong }),
      ...units.map((unit) => plane.arrow(point, plus(point, unit), { color: COLOURS.ink, strokeWidth: STROKES.curve })),
      plane.dots([point], { color: COLOURS.ink, diameter: 6 }),
      ...minimisers.map((minimiser) =>
        plane.ring(minimiser, { color: COLOURS.ink, strokeWidth: STROKES.curve, diameter: 7 }),
      ),
      ...minimisers.map((minimiser, index) => {
        const [x, y] = outwards(minus(minimiser, point));
        return plane.label(minimiser, { text: `p${SUBSCRIPTS[index] ?? ''}`, offset: [13 * x, -11 * y] });
      }),
      plane.label(plus(point, resultant), { text: name, offset: [10 * away[0], -10 * away[1]], color: COLOURS.blue }),
      plane.label(point, {
        text: origin,
        offset: [(14 + textWidth(origin, FONT_SIZES.text) / 2) * gap[0], -18 * gap[1]],
      }),
    ],
  };
}

const SUBSCRIPTS = ['₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];

function curvesPanel({ alongUnits, alongGradients, epsilon, before, after }: MinimisersStep): LayerSpec {
  const lengths = [...alongUnits, ...alongGradients].map(({ length }) => length);
  const domain = [Math.min(...lengths), Math.max(...lengths)];
  const curve = (values: readonly ResultantLength[], style: { color: string; strokeDash?: number[] }): UnitSpec => ({
    data: { values: [...values] },
    mark: { type: 'line', strokeWidth: STROKES.curve, strokeJoin: 'round', ...style },
    encoding: channels,
  });
  const channels: NonNullable<UnitSpec['encoding']> = {
    x: {
      field: 'epsilon',
      type: 'quantitative',
      scale: { nice: false },
      axis: { title: 'ε', tickCount: 5, labelFlush: false },
    },
    y: {
      field: 'length',
      type: 'quantitative',
      scale: { domain, zero: false, nice: true },
      axis: { title: '‖Σ unit(p − w − ε·step)‖', tickCount: 5, labelFlush: false },
    },
  };
  const ends = [
    { epsilon: 0, length: lengthOf(before.resultant) },
    { epsilon, length: lengthOf(after.resultant) },
  ];
  return {
    ...CURVES,
    layer: [
      panelHeading('(c) length of the sum', ['steps along u (blue) and along v (dashed)'], INDENT),
      curve(alongUnits, { color: COLOURS.blue }),
      curve(alongGradients, { color: COLOURS.ink, strokeDash: [...STROKES.dash] }),
      {
        data: { values: ends },
        mark: { type: 'point', filled: true, color: COLOURS.blue, size: 26, opacity: 1 },
        encoding: channels,
      },
    ],
  };
}

/** The points of a view that have to be inside the panel. */
function extentOf({ point, resultant }: View): PlanePoint[] {
  return [plus(point, [-1, -1]), plus(point, [1, 1]), plus(point, resultant)];
}

function plus([x, y]: PlanePoint, [dx, dy]: PlanePoint): PlanePoint {
  return [x + dx, y + dy];
}

function minus([x, y]: PlanePoint, [dx, dy]: PlanePoint): PlanePoint {
  return [x - dx, y - dy];
}

function lengthOf([x, y]: PlanePoint): number {
  return Math.hypot(x, y);
}

/** The middle of the largest gap between neighbouring vectors: there a label has room. */
function middleOfWidestGap(vectors: readonly PlanePoint[]): PlanePoint {
  const angles = vectors.map(([x, y]) => Math.atan2(y, x)).sort((a, b) => a - b);
  const gaps = angles.map((angle, index) => {
    const next = angles[index + 1] ?? (angles[0] as number) + 2 * Math.PI;
    return { middle: (angle + next) / 2, width: next - angle };
  });
  const { middle } = gaps.reduce((widest, gap) => (gap.width > widest.width ? gap : widest));
  return [Math.cos(middle), Math.sin(middle)];
}

/** The unit vector of the same direction; undefined for the zero vector. */
function outwards(vector: PlanePoint): PlanePoint {
  const length = lengthOf(vector);
  return length > 0 ? [vector[0] / length, vector[1] / length] : [0, 0];
}
