/** How numbers are written on the page. A missing one is an en dash, so that a column stays aligned. */
export const MISSING = '–';

/** A number in JSON, which has no NaN and no infinities: they are texts. */
export type Numeric = number | 'NaN' | 'Infinity' | '-Infinity';

/** `0.0123`, `1.5e-7`, `123457`: as many digits as say something, at most `digits`. */
export function formatNumber(value: Numeric | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return MISSING;
  const number = Number(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '−∞';
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (Number.isInteger(number) && size < 1e9) return minus(String(number));
  if (size >= 1e9 || size < 1e-4) return minus(shortExponent(number.toExponential(digits - 1)));
  return minus(shorten(number.toPrecision(digits), number, digits));
}

/** `12,345`, for counts. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 node`, `12,345 nodes`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `12.3 kB`: decimal units, as the command line has them. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return MISSING;
  if (bytes < 1000) return `${bytes} B`;
  let [value, unit] = [bytes / 1000, 0];
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** `37 %`. 100 % is said of what is complete only, 0 % of what has not begun. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return MISSING;
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 1) return '< 1 %';
  return `${part < whole ? Math.min(99, Math.round(percent)) : 100} %`;
}

function shorten(text: string, number: number, digits: number): string {
  // toPrecision writes 123456.7 as 1.235e+5.
  const plain = text.includes('e') ? String(Math.round(number)) : text;
  return plain.includes('.') && digits > 1 ? plain.replace(/\.?0+$/, '') : plain;
}

function shortExponent(text: string): string {
  return text.replace(/\.?0*e\+?/, 'e');
}

function minus(text: string): string {
  return text.replace(/^-/, '−').replace('e-', 'e−');
}
