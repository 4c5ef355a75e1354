import type { JsonValue } from '../../base/json.ts';

/** Words that readers of YAML take for something else than a text. */
const WORD = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

/** A text as a scalar of YAML, without quotes where it is read as a text without them. */
export function scalar(text: string): string {
  const isPlain =
    /^[A-Za-z_/.][\w ./=@+%-]*$/.test(text) &&
    !text.endsWith(' ') &&
    !WORD.test(text) &&
    !/^\.\d|^\.(inf|nan)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** A value on one line. A `${` in a text stays one. */
export function flow(value: JsonValue): string {
  if (typeof value === 'string') return scalarInFlow(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(flow).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, item]) => `${key(name)}: ${flow(item)}`)
    .join(', ')}}`;
}

function scalarInFlow(text: string): string {
  return /^[A-Za-z_/.][\w ./=@+%-]*$/.test(text) ? scalar(text) : JSON.stringify(text);
}

export function key(name: string): string {
  return scalar(name);
}

/** A mapping in lines, which a reader finds easier than one line where values are mappings too. */
export function block(value: { readonly [name: string]: JsonValue }, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([name, item]) => {
    const isMapping = typeof item === 'object' && item !== null && !Array.isArray(item) && Object.keys(item).length > 0;
    if (!isMapping) return [`${indent}${key(name)}: ${flow(item)}`];
    return [`${indent}${key(name)}:`, ...block(item as { readonly [name: string]: JsonValue }, `${indent}  `)];
  });
}

/** A text of several lines as a literal block where that keeps it as it is, otherwise in quotes. */
export function longText(text: string, indent: string): string {
  const keeps = text.includes('\n') && /^[\x20-\x7e\n]+$/.test(text) && !/ \n| $|^[ \n]|\n$/.test(text);
  if (!keeps) return scalar(text);
  return `|-\n${text
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n')}`;
}
