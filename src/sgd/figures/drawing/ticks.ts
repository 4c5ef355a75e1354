/** The ticks of a logarithmic axis: labelled ones, and short ones between them. */
export interface LogTicks {
  readonly major: readonly number[];
  readonly minor: readonly number[];
}

/** From sparse to dense: which multiples of a power of ten are labelled. */
const MANTISSAS = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 5, 7], [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]] as const;
const FAMILIAR = 2;

/** With fewer labels, a reader cannot distinguish a logarithmic axis from a linear one. */
const FEWEST = 3;

/**
 * Chooses the labelled ticks of a logarithmic axis: at 1, 2 and 5 times powers of ten, unless those are more than `most`
 * (then sparser ones) or fewer than three (then denser ones, and evenly spaced round numbers where even they do not do).
 *
 * @param domain the axis's ends, 0 < low < high.
 */
export function logTicks(domain: readonly [low: number, high: number], most: number): LogTicks {
  const [low, high] = domain;
  if (!(low > 0 && low < high)) throw new RangeError(`a logarithmic axis cannot go from ${low} to ${high}`);
  const inside = (mantissas: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
      // Parsed from text: 3e-5 is the double nearest to 3·10⁻⁵, and 3 * 10 ** -5 is not.
      for (const mantissa of mantissas) ticks.push(Number(`${mantissa}e${exponent}`));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  };
  const choices = MANTISSAS.map(inside);
  const fitting = (ticks: readonly number[]) => ticks.length >= FEWEST && ticks.length <= most;
  const major =
    choices.slice(FAMILIAR).find(fitting) ??
    choices.slice(0, FAMILIAR).findLast(fitting) ??
    (high / low > 10 ** FEWEST ? everyNthPower(inside([1]), most) : evenTicks(low, high, most));
  const minor = inside([1, 2, 3, 4, 5, 6, 7, 8, 9]).filter((tick) => !major.includes(tick));
  return { major, minor };
}

/** Many decades: every second or third power, so that labels keep their distance. */
function everyNthPower(powers: readonly number[], most: number): number[] {
  const step = Math.ceil(powers.length / most);
  return powers.filter((power) => Math.round(Math.log10(power)) % step === 0);
}

/** Multiples of the smallest step of 1, 2 or 5 times a power of ten that has not more than `most` of them. */
function evenTicks(low: number, high: number, most: number): number[] {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const multiples = (step: number) => {
    const ticks: number[] = [];
    for (let index = Math.ceil(low / step); index * step <= high; index++) {
      ticks.push(Number((index * step).toPrecision(12)));
    }
    return ticks;
  };
  const choices = [1, 2, 5].map((digit) => multiples(digit * power));
  return choices.find((ticks) => ticks.length <= most) ?? multiples(10 * power);
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

/** Ticks at the powers of two inside a logarithmic axis, labelled at every n-th of them so that not more than `most` are. */
export function powersOfTwo([low, high]: readonly [low: number, high: number], most: number): LogTicks {
  const first = Math.ceil(Math.log2(low));
  const last = Math.floor(Math.log2(high));
  const step = Math.max(1, Math.ceil((last - first) / (most - 1)));
  const powers = Array.from({ length: last - first + 1 }, (_, index) => index);
  const ticks = (isWanted: (index: number) => boolean) => powers.filter(isWanted).map((index) => 2 ** (first + index));
  return { major: ticks((index) => index % step === 0), minor: ticks((index) => index % step !== 0) };
}

/** 2⁵ for 32. */
export function formatBinaryPower(value: number): string {
  return `2${superscript(String(Math.round(Math.log2(value))))}`;
}

/** A number as powers of ten are written in a paper: 10⁵, 2×10⁵, 1.5×10⁻³. */
export function formatPower(value: number): string {
  const [mantissa = '', exponent = ''] = Number(value.toPrecision(6)).toExponential().split('e');
  const power = `10${superscript(exponent.replace('+', ''))}`;
  return mantissa === '1' ? power : `${mantissa}×${power}`;
}

function superscript(digits: string): string {
  return [...digits].map((digit) => SUPERSCRIPTS[digit] ?? digit).join('');
}

/** A number with a comma between thousands: 635,200. */
export function formatThousands(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
