import { wrapText } from '../drawing/font.ts';
import { type PlanePoint, planeOf } from '../drawing/plane.ts';
import type { LayerSpec, TopLevelSpec } from '../drawing/specification.ts';
import { COLOURS, captionTitle, FONT_SIZES, panelHeading, STROKES, THEME } from '../drawing/theme.ts';

/** Samples of one von Mises–Fisher distribution on the unit circle. */
export interface DirectionSamples {
  /** κ */
  readonly kappa: number;
  readonly samples: readonly PlanePoint[];
  /** A₂(κ) = I₁(κ)/I₀(κ), the length of the distribution's mean. */
  readonly meanLength: number;
}

const PLANE = { width: 196, height: 168, margin: 14 };
const SPACING = 20;

/** Figure 1: samples of von Mises–Fisher distributions of different concentrations about one direction, side by side. */
export function directionsFigure(meanDirection: PlanePoint, distributions: readonly DirectionSamples[]): TopLevelSpec {
  const width = distributions.length * (PLANE.width + SPACING);
  return {
    config: THEME,
    spacing: SPACING,
    title: captionTitle(wrapText(captionOf(meanDirection, distributions), FONT_SIZES.small, width)),
    hconcat: distributions.map((distribution, index) => panel(`(${'abcdefgh'[index]})`, meanDirection, distribution)),
  };
}

function captionOf(meanDirection: PlanePoint, distributions: readonly DirectionSamples[]): string {
  const counts = [...new Set(distributions.map(({ samples }) => samples.length))].join(', ');
  return (
    `${counts} samples of VMF(µ, κ) on the unit circle; arrow: µ = (${meanDirection.join(', ')}). r̄: length of the samples’ mean; ` +
    'A₂(κ) = I₁(κ)/I₀(κ): that of the distribution’s.'
  );
}

function panel(letter: string, meanDirection: PlanePoint, { kappa, samples, meanLength }: DirectionSamples): LayerSpec {
  const origin: PlanePoint = [0, 0];
  const plane = planeOf(
    [
      [-1, -1],
      [1, 1],
    ],
    PLANE,
  );
  const mean = [0, 1].map(
    (axis) => samples.reduce((sum, sample) => sum + (sample[axis] as number), 0) / samples.length,
  );
  const [x, y] = meanDirection;
  return {
    width: plane.width,
    height: plane.height,
    layer: [
      panelHeading(
        `${letter} κ = ${kappa}`,
        [`r̄ = ${Math.hypot(...mean).toFixed(3)}, A₂(κ) = ${meanLength.toFixed(3)}`],
        0,
      ),
      plane.circle(origin, 1, { color: COLOURS.axis, strokeWidth: STROKES.thin }),
      plane.arrow(origin, meanDirection, { color: COLOURS.ink, strokeWidth: STROKES.curve }),
      plane.label([x / 2, y / 2], { text: 'µ', offset: [-10 * y, -10 * x] }),
      plane.dots(samples, { color: COLOURS.blue, diameter: 5.5, opacity: 0.5 }),
    ],
  };
}
