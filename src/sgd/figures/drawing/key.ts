import { textWidth } from './font.ts';
import type { UnitSpec } from './specification.ts';
import { COLOURS, FONT_SIZES } from './theme.ts';

/** How a key shows a series. */
export type Sign =
  | { readonly kind: 'line'; readonly color: string; readonly strokeWidth: number; readonly dash?: readonly number[] }
  | { readonly kind: 'point'; readonly color: string; readonly shape: string; readonly filled: boolean };

interface KeyEntry {
  readonly text: string;
  readonly sign: Sign;
}

/** Pixels of the panel. */
interface Place {
  readonly left: number;
  readonly top: number;
}

const LINE = 14;
const POINT = 7;
/** Between a sign and its text, and between entries of a row. */
const GAP = { text: 4, entry: 12 };

/** A sign and its label. */
export function keyEntry({ text, sign }: KeyEntry, { left, top }: Place): UnitSpec[] {
  const data = { values: [{}] };
  return [
    { data, ...drawSign(sign, { left, top }) },
    {
      data,
      mark: {
        type: 'text',
        text,
        x: left + signWidth(sign) + GAP.text,
        y: top + 3,
        align: 'left',
        baseline: 'alphabetic',
        fontSize: FONT_SIZES.small,
        color: COLOURS.muted,
      },
    },
  ];
}

/** Entries side by side, each as wide as its text. */
export function keyRow(entries: readonly KeyEntry[], { left, top }: Place): UnitSpec[] {
  let next = left;
  return entries.flatMap((entry) => {
    const here = next;
    next += signWidth(entry.sign) + GAP.text + textWidth(entry.text, FONT_SIZES.small) + GAP.entry;
    return keyEntry(entry, { left: here, top });
  });
}

function signWidth({ kind }: Sign): number {
  return kind === 'line' ? LINE : POINT;
}

function drawSign(sign: Sign, { left, top }: Place): Pick<UnitSpec, 'mark' | 'encoding'> {
  if (sign.kind === 'line') {
    const { color, strokeWidth, dash } = sign;
    return {
      mark: { type: 'rule', color, strokeWidth, ...(dash ? { strokeDash: [...dash] } : {}) },
      encoding: { x: { value: left }, x2: { value: left + LINE }, y: { value: top } },
    };
  }
  const { color, shape, filled } = sign;
  return {
    mark: { type: 'point', color, shape, filled, size: 22, strokeWidth: 1.2, opacity: 1 },
    encoding: { x: { value: left + POINT / 2 }, y: { value: top } },
  };
}
