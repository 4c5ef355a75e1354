import type { JsonObject, JsonValue } from './json.ts';

/** `old → new`. For values too long to show, only the part that differs, with a little of what comes before it. */
export function describeChange(old: JsonValue | undefined, current: JsonValue | undefined): string {
  const [before, after] = [JSON.stringify(old) ?? '', JSON.stringify(current) ?? ''];
  let same = 0;
  while (same < Math.min(before.length, after.length) && before[same] === after[same]) same++;
  const start = same - CONTEXT;
  if (Math.max(before.length, after.length) <= LIMIT || start <= 0) {
    return `${describeValue(old)} → ${describeValue(current)}`;
  }
  const part = (text: string) =>
    `…${text.slice(start, start + LIMIT - 2)}${text.length > start + LIMIT - 2 ? '…' : ''}`;
  return `${part(before)} → ${part(after)}`;
}

/** How many characters of a value fit into a line with others. */
const LIMIT = 40;
/** How many characters before the first difference are shown. */
const CONTEXT = 12;

/** A value on one line, cut where it is long. */
export function describeValue(value: JsonValue | undefined): string {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 3)}…` : text;
}

/** Unchanged values, on one line. */
export function describeSame(values: JsonObject): string {
  const entries = Object.entries(values);
  if (entries.length === 0) return 'it has none';
  const shown = entries.slice(0, 3).map(([name, value]) => `${name} ${describeValue(value)}`);
  const rest = entries.length - shown.length;
  return `yes, ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
