import { FONT_WEIGHTS } from './font.ts';
import type { LayerSpec, UnitSpec } from './specification.ts';
import { COLOURS, FONT_SIZES } from './theme.ts';

/** A point of the plane, or a vector. */
export type PlanePoint = readonly [x: number, y: number];

interface Line {
  readonly color: string;
  readonly strokeWidth: number;
  readonly strokeDash?: readonly number[];
}

interface Label {
  readonly text: string;
  /** Pixels to the right and downwards from the point. */
  readonly offset: PlanePoint;
  readonly color?: string;
}

/** A panel without axes, in which lengths are the same in both directions. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Pixels for each unit of length. */
  readonly scale: number;
  circle(centre: PlanePoint, radius: number, line: Line): UnitSpec;
  /** Filled discs, all alike. */
  dots(
    points: readonly PlanePoint[],
    style: { readonly color: string; readonly diameter: number; readonly opacity?: number },
  ): UnitSpec;
  /** An open disc of a size in pixels. */
  ring(centre: PlanePoint, style: Line & { readonly diameter: number }): UnitSpec;
  segment(from: PlanePoint, to: PlanePoint, line: Line): UnitSpec;
  /** A line with a head at its end. */
  arrow(from: PlanePoint, to: PlanePoint, line: Line): LayerSpec;
  label(at: PlanePoint, label: Label): UnitSpec;
}

/** In units of the line's width beyond the first pixel; the head's sides lean by its half width. */
const HEAD = { length: 5, perWidth: 2, halfWidth: 0.42 };

/** Scales a plane so that all of `points` are inside, `margin` pixels from the edge, and centred. */
export function planeOf(
  points: readonly PlanePoint[],
  { width, height, margin }: { readonly width: number; readonly height: number; readonly margin: number },
): Plane {
  const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [left, right] = range(points.map(([x]) => x));
  const [low, high] = range(points.map(([, y]) => y));
  const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (high - low));
  const toPixels = ([x, y]: PlanePoint): [number, number] => [
    width / 2 + scale * (x - (left + right) / 2),
    height / 2 - scale * (y - (low + high) / 2),
  ];
  const data = { values: [{}] };
  const rule = ([x, y]: PlanePoint, [x2, y2]: PlanePoint, { strokeDash, ...line }: Line): UnitSpec => ({
    data,
    mark: { type: 'rule', ...line, ...(strokeDash ? { strokeDash: [...strokeDash] } : {}) },
    encoding: { x: { value: x }, y: { value: y }, x2: { value: x2 }, y2: { value: y2 } },
  });
  const ring = (
    [x, y]: PlanePoint,
    diameter: number,
    { color, strokeDash, ...line }: Line,
    fill?: string,
  ): UnitSpec => ({
    data,
    mark: {
      type: 'point',
      shape: 'circle',
      size: diameter ** 2,
      x,
      y,
      opacity: 1,
      stroke: color,
      ...(fill === undefined ? { filled: false } : { fill }),
      ...line,
      ...(strokeDash ? { strokeDash: [...strokeDash] } : {}),
    },
  });
  return {
    width,
    height,
    scale,
    circle: (centre, radius, line) => ring(toPixels(centre), 2 * radius * scale, line),
    ring: (centre, { diameter, ...line }) => ring(toPixels(centre), diameter, line, 'white'),
    dots(centres, { color, diameter, opacity = 1 }) {
      const values = centres.map(toPixels).map(([x, y]) => ({ x, y }));
      const pixel = (field: 'x' | 'y') => ({ field, type: 'quantitative', scale: null, axis: null }) as const;
      return {
        data: { values },
        mark: { type: 'point', shape: 'circle', filled: true, size: diameter ** 2, color, opacity },
        encoding: { x: pixel('x'), y: pixel('y') },
      };
    },
    segment: (from, to, line) => rule(toPixels(from), toPixels(to), line),
    arrow(from, to, line) {
      const [x, y] = toPixels(from);
      const [x2, y2] = toPixels(to);
      const span = Math.hypot(x2 - x, y2 - y);
      const head = Math.min(span, HEAD.length + HEAD.perWidth * line.strokeWidth);
      // The line ends inside the head, or its blunt end would show at the tip.
      const end: PlanePoint = [x2 - ((x2 - x) * head * 0.8) / span, y2 - ((y2 - y) * head * 0.8) / span];
      return {
        layer: [
          rule([x, y], end, line),
          {
            data,
            mark: {
              type: 'point',
              // A symbol's unit of length is half the root of its size.
              shape: `M0,0L-1,${HEAD.halfWidth}L-1,-${HEAD.halfWidth}Z`,
              size: (2 * head) ** 2,
              angle: (Math.atan2(y2 - y, x2 - x) * 180) / Math.PI,
              x: x2,
              y: y2,
              filled: true,
              color: line.color,
              opacity: 1,
            },
          },
        ],
      };
    },
    label(at, { text, offset, color = COLOURS.ink }) {
      const [x, y] = toPixels(at);
      return {
        data,
        mark: {
          type: 'text',
          text,
          x: x + offset[0],
          y: y + offset[1],
          align: 'center',
          baseline: 'middle',
          fontSize: FONT_SIZES.text,
          fontWeight: FONT_WEIGHTS.regular,
          color,
        },
      };
    },
  };
}
