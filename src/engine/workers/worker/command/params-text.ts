import { Failure } from '../../../base/failure.ts';
import type { JsonValue } from '../../../base/json.ts';
import type { ParamsFile } from '../../../pipeline/stages/command-paths.ts';
import type { Job } from '../../protocol.ts';

/**
 * The text of a file of params.
 * @throws {Failure} kind `usage` where the stage lacks the param that it holds
 */
export function paramsText(
  params: JsonValue | undefined,
  { path, name }: ParamsFile,
  { stage }: Pick<Job, 'stage'>,
): string {
  const value = name === undefined ? params : (params as Readonly<Record<string, JsonValue>>)[name];
  if (value !== undefined) return `${jsonForYaml(value, '')}\n`;
  throw new Failure('usage', {
    fact: `stage ${stage}: ${path} is to hold the param "${name}", which the stage does not have`,
    fix: 'add it to "params" of the stage',
  });
}

/**
 * JSON that readers of JSON, of YAML 1.1 and of YAML 1.2 read as the same values. PyYAML reads the number 1e-7 as a text unless it has a
 * point and a sign, and some characters of a text as ends of lines.
 */
export function jsonForYaml(value: JsonValue, indent: string): string {
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e');
  if (typeof value === 'string') return quotedText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => `\n${inner}${jsonForYaml(item, inner)}`);
    return items.length === 0 ? '[]' : `[${items.join(',')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `\n${inner}${quotedText(key)}: ${jsonForYaml(item, inner)}`,
  );
  return entries.length === 0 ? '{}' : `{${entries.join(',')}\n${indent}}`;
}

function quotedText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
