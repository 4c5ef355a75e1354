import type { Config } from 'vega-lite';
import { FONT_STACK, FONT_WEIGHTS } from './font.ts';
import type { Axis, LayerSpec, Mark, Scale, Title, UnitSpec } from './specification.ts';
import type { LogTicks } from './ticks.ts';

/** Blue, orange and vermilion are Okabe and Ito's (https://jfly.uni-koeln.de/color/); red appears only with black, and thicker. */
export const COLOURS = {
  ink: '#1a1a1a',
  muted: '#595959',
  grid: '#e6e6e6',
  axis: '#8c8c8c',
  blue: '#0072B2',
  orange: '#E69F00',
  vermilion: '#D55E00',
  red: '#D7191C',
  black: '#000000',
} as const;

/**
 * For an ordered family of curves: colours of Okabe and Ito, which colour-blind readers can distinguish, from light to dark, so that
 * the order survives a print in grey.
 */
export const ORDERED_COLOURS = ['#E69F00', '#CC79A7', '#D55E00', '#0072B2', '#000000'] as const;

/** In pixels; a full-width figure of about 700 px becomes 7 inches of a page, and 9.5 px becomes 6.9 pt. */
export const FONT_SIZES = { panelTitle: 11.5, text: 10.5, small: 9.5 } as const;

export const STROKES = { strong: 2, curve: 1.4, thin: 0.8, dash: [3, 2.5] } as const;

/** What all figures share. */
export const THEME: Config = {
  background: 'white',
  padding: 6,
  font: FONT_STACK,
  view: { stroke: null, fill: null },
  concat: { spacing: 16 },
  axis: {
    domainColor: COLOURS.axis,
    tickColor: COLOURS.axis,
    domainWidth: 0.8,
    tickWidth: 0.8,
    tickSize: 3.5,
    gridColor: COLOURS.grid,
    gridWidth: 0.7,
    labelColor: COLOURS.ink,
    labelFontSize: FONT_SIZES.small,
    labelPadding: 2.5,
    titleColor: COLOURS.ink,
    titleFontSize: FONT_SIZES.text,
    titleFontWeight: FONT_WEIGHTS.regular,
    titlePadding: 5,
  },
};

export interface LogAxisOptions {
  readonly domain: readonly [low: number, high: number];
  readonly title: string | null;
  readonly ticks: LogTicks;
  readonly format: (value: number) => string;
}

/**
 * A logarithmic axis and its scale for one channel of a Vega-Lite encoding. Vega's own labels leave gaps in a decade or
 * two, and say nothing inside one; so the ticks are given.
 */
export function logChannel({ domain, title, ticks, format }: LogAxisOptions): { scale: Scale; axis: Axis } {
  const { major, minor } = ticks;
  const labels = Object.fromEntries(major.map((tick) => [tick, format(tick)]));
  const isMajor = `isDefined(${JSON.stringify(labels)}[datum.value])`;
  const axis: Axis = {
    title,
    values: [...major, ...minor].sort((a, b) => a - b),
    labelExpr: `${JSON.stringify(labels)}[datum.value] || ''`,
    labelOverlap: false,
    // A label near an end of the axis must not push the neighbouring panel away.
    labelFlush: false,
    tickSize: { condition: { test: isMajor, value: 3.5 }, value: 2 },
    gridOpacity: { condition: { test: isMajor, value: 1 }, value: 0 },
  };
  return { scale: { type: 'log', domain: [...domain], nice: false }, axis };
}

/** Widens an interval by a factor at both ends, so that no mark touches the frame. */
export function padLog(low: number, high: number, factor: number): [number, number] {
  return [low / factor, high * factor];
}

/** Distances over a panel's frame, upwards; `lineHeight` is that of the small text. */
const HEADING = { gap: 8, lineHeight: 12, titleGap: 14 };

/**
 * A panel's title and the small lines under it, `indent` pixels left of the frame. They are marks, since Vega moves a title up where
 * the topmost tick label sticks out, and the titles of a row would not stand on one line.
 */
export function panelHeading(title: string, lines: readonly string[], indent: number): LayerSpec {
  const top = -HEADING.gap - HEADING.lineHeight * (lines.length - 1);
  const text = (mark: Partial<Extract<Mark, { text?: unknown }>>): UnitSpec => ({
    mark: { type: 'text', align: 'left', baseline: 'alphabetic', x: -indent, ...mark },
  });
  const strong = { fontSize: FONT_SIZES.panelTitle, fontWeight: FONT_WEIGHTS.strong, color: COLOURS.ink };
  const small = { fontSize: FONT_SIZES.small, lineHeight: HEADING.lineHeight, color: COLOURS.muted };
  return {
    data: { values: [{}] },
    layer:
      lines.length === 0
        ? [text({ ...strong, text: title, y: -HEADING.gap })]
        : [text({ ...strong, text: title, y: top - HEADING.titleGap }), text({ ...small, text: [...lines], y: top })],
  };
}

/** A paragraph under a figure. */
export function captionTitle(lines: readonly string[]): Title {
  return {
    text: [...lines],
    orient: 'bottom',
    anchor: 'start',
    frame: 'bounds',
    fontSize: FONT_SIZES.small,
    fontWeight: FONT_WEIGHTS.regular,
    color: COLOURS.muted,
    lineHeight: 12,
    offset: 8,
  };
}
