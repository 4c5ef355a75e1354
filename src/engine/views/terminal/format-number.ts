/** A number with six significant digits; a whole one with all of them. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

/** The change in percent of the old value; nothing where that says nothing. */
export function formatChange(old: number | undefined, now: number | undefined): string {
  if (old === undefined || now === undefined || old === 0) return '';
  const percent = ((now - old) / Math.abs(old)) * 100;
  if (!Number.isFinite(percent)) return '';
  return `${percent > 0 ? '+' : ''}${Number(percent.toPrecision(3))} %`;
}
