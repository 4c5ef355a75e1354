import { Failure } from '../../base/failure.ts';
import { MAX_DEPTH } from '../../pipeline/limits.ts';
import { pathText } from '../../pipeline/references/lookup.ts';

/**
 * A program's value as the YAML of an override, from which exactly this value is read.
 * @param path of the param, for messages
 * @throws {Failure} for a value that no pipeline file can express, since JSON would omit, round or change it
 */
export function paramText(value: unknown, path: string, depth = 1): string {
  if (depth > MAX_DEPTH) throw unfit(path, `is more than ${MAX_DEPTH} levels deep, or contains itself`);
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      return numberText(value, path);
    case 'string':
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : collectionText(value, path, depth);
    default:
      throw unfit(path, value === undefined ? 'is undefined' : `is a ${typeof value}`);
  }
}

function numberText(value: number, path: string): string {
  if (!Number.isFinite(value)) throw unfit(path, `is ${value}`);
  if (Object.is(value, -0)) throw unfit(path, 'is minus zero, which JSON does not keep apart from 0');
  // With an exponent: without one, the file could mean any of the whole numbers that round to this one.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? value.toExponential() : String(value);
}

function collectionText(value: object, path: string, depth: number): string {
  if (Array.isArray(value)) {
    const items = Array.from(value, (item: unknown, index) => paramText(item, pathText(path, index), depth + 1));
    return `[${items.join(', ')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw unfit(path, `is a ${value.constructor.name}`);
  const entries = Object.entries(value).map(
    ([name, child]) => `${JSON.stringify(name)}: ${paramText(child, pathText(path, name), depth + 1)}`,
  );
  return `{${entries.join(', ')}}`;
}

function unfit(path: string, what: string): Failure {
  const fix = 'use texts, finite numbers, true, false, null, and lists and plain objects of these';
  return new Failure('usage', { fact: `the value that is set for ${path} ${what}`, fix });
}
