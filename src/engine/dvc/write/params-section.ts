import { isDeepStrictEqual } from 'node:util';
import { isFailure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import { fileSource } from '../../pipeline/yaml/source.ts';
import { readTree, treeToJson } from '../../pipeline/yaml/tree.ts';
import { literal } from '../literal.ts';
import type { ImportedParams } from '../translate/imported.ts';
import { block } from './yaml-text.ts';

/** The section `params`, as the user has written it where that gives the same values. */
export function paramsSection({ values, text, notes }: ImportedParams): readonly string[] {
  if (Object.keys(values).length === 0) return [];
  const checks = notes.map((note) => `  # check: ${note}`);
  const written = text === undefined ? undefined : withRest(text, values);
  if (written && isDeepStrictEqual(valuesOf(written), values)) return ['params:', ...checks, ...written];
  return ['params:', ...checks, ...blockOf(values)];
}

/** The text of the user, and after it what comes from elsewhere. */
function withRest(text: string, values: ImportedParams['values']): readonly string[] | undefined {
  const lines = indented(text);
  const own = lines && valuesOf(lines);
  if (!lines || typeof own !== 'object' || own === null) return undefined;
  return [
    ...lines,
    ...blockOf(Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(own, name)))),
  ];
}

function blockOf(values: ImportedParams['values']): readonly string[] {
  return block(escaped(values) as ImportedParams['values'], '  ');
}

function indented(text: string): readonly string[] | undefined {
  // A reference of the new file would begin where DVC sees text.
  if (text.includes('${') || text.includes('\t')) return undefined;
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => (line === '' ? '' : `  ${line}`));
}

function valuesOf(lines: readonly string[]): JsonValue | undefined {
  try {
    const tree = readTree(fileSource('params', `params:\n${lines.join('\n')}\n`));
    return tree.kind === 'mapping' ? treeToJson(tree.entries.get('params')?.value ?? tree) : undefined;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function escaped(value: JsonValue): JsonValue {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, escaped(item)]));
}
