/** How numbers become colours: their place between the least and the greatest, by size or by its logarithm. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly isLogarithmic: boolean;
  /** From 0 to 1; NaN where there is no number. */
  place(value: number): number;
}

/** The range of numbers. Positive ones that spread over more than a factor of 50 are shown by their logarithm. */
export function scaleOf(values: ArrayLike<number>): Scale {
  let [min, max, leastPositive] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value > 0 && value < leastPositive) leastPositive = value;
  }
  if (min > max) return { min: Number.NaN, max: Number.NaN, isLogarithmic: false, place: () => Number.NaN };
  const isLogarithmic = min >= 0 && leastPositive < max && max / leastPositive > 50;
  if (!isLogarithmic) {
    return { min, max, isLogarithmic, place: (value) => (max === min ? 0.5 : clamp((value - min) / (max - min))) };
  }
  const [low, high] = [Math.log(leastPositive), Math.log(max)];
  return {
    min: leastPositive,
    max,
    isLogarithmic,
    place: (value) => (value <= 0 ? 0 : clamp((Math.log(value) - low) / (high - low))),
  };
}

/** NaN stays NaN. */
function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Viridis, by Smith and van der Walt: even in lightness, and readable without colours. */
const VIRIDIS = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'];

/** How many colours are told apart: a table of them is built once. */
export const SHADES = 64;

/** The colour of each shade, from the least to the greatest. */
export const SHADE_COLOURS: readonly string[] = Array.from({ length: SHADES }, (_, shade) => {
  const at = (shade / (SHADES - 1)) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return mix(VIRIDIS[low] as string, VIRIDIS[low + 1] as string, at - low);
});

function mix(from: string, to: string, share: number): string {
  const channel = (at: number) => {
    const [a, b] = [Number.parseInt(from.slice(at, at + 2), 16), Number.parseInt(to.slice(at, at + 2), 16)];
    return Math.round(a + (b - a) * share);
  };
  return `rgb(${channel(1)} ${channel(3)} ${channel(5)})`;
}
