import { hash } from 'node:crypto';
import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { ParamOverride } from '../../pipeline/load-pipeline.ts';
import { readTree, treeToJson } from '../../pipeline/yaml/tree.ts';
import { encodeSegment } from '../../plan/encode-segment.ts';
import { shortPath } from '../../views/experiments/short-path.ts';
import { paramText } from '../project/param-text.ts';
import { parseOverride } from '../project/parse-override.ts';

/** One of the settings of a sweep. */
export interface Setting {
  /** Names its folder of results, and its nodes where they differ from those of others: `batchSize=16,rate=0.1`. */
  readonly name: string;
  readonly overrides: readonly ParamOverride[];
}

/** Values for params by path, perhaps with a name. */
export interface SettingRow {
  readonly name?: string | undefined;
  readonly values: ReadonlyMap<string, JsonValue>;
}

/** A param with the values that a sweep tries. */
interface Axis {
  readonly path: string;
  readonly values: readonly JsonValue[];
}

const MOST_SETTINGS = 10_000;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 40;

/**
 * Reads `path=[value, …]` as an axis of a grid. Any other value is an axis of one.
 * @throws {Failure} kind `usage` for what is no YAML, and for an empty list
 */
export function readAxis(text: string): Axis {
  const { path, value: yaml, origin } = parseOverride(text, "'batchSize=[16, 32]'");
  const value = treeToJson(readTree({ kind: 'override', origin, text: yaml }));
  const values: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  if (values.length > 0) return { path, values };
  throw new Failure('usage', { fact: `--set ${text}: the list is empty`, fix: 'name the values to try' });
}

/**
 * The settings of a sweep: each row with each combination of the axes. The last axis changes fastest.
 * @throws {Failure} kind `usage` for two settings that are the same, or have one name, and for more than 10,000
 */
export function settingsOf(axes: readonly Axis[], rows: readonly SettingRow[]): readonly Setting[] {
  const start = rows.length > 0 ? rows : [{ values: new Map<string, JsonValue>() }];
  const count = axes.reduce((product, { values }) => product * values.length, start.length);
  if (count > MOST_SETTINGS) {
    const fix = `try at most ${MOST_SETTINGS} at a time`;
    throw new Failure('usage', { fact: `these are ${count} settings`, fix });
  }
  let combined: readonly SettingRow[] = start;
  for (const { path, values } of axes) {
    combined = combined.flatMap(({ name, values: earlier }) =>
      values.map((value) => ({ name, values: new Map([...earlier, [path, value]]) })),
    );
  }
  const varied = variedPaths(combined);
  const settings = combined.map((row) => settingOf(row, varied, axes));
  checkUnique(settings);
  return settings;
}

function settingOf({ name, values }: SettingRow, varied: readonly string[], axes: readonly Axis[]): Setting {
  // A row that has a name is told apart by it, and by the axes.
  const paths = name === undefined ? varied : varied.filter((path) => axes.some((axis) => axis.path === path));
  const parts = paths.map((path) => `${encodeSegment(shortPath(path, varied))}=${valueText(values.get(path))}`);
  const full = [...(name === undefined ? [] : [usable(name)]), ...parts].join(',') || 'setting=1';
  return {
    name: full.length > LONGEST_NAME ? `${full.slice(0, LONGEST_NAME - 13)}-${digestText(full)}` : full,
    overrides: [...values].map(([path, value]) => {
      const text = paramText(value, path);
      return { path, value: text, origin: `--set ${path}=${text}` };
    }),
  };
}

/** The paths that are not the same in all settings; if there is one setting, all. */
function variedPaths(rows: readonly SettingRow[]): readonly string[] {
  const paths = [...new Set(rows.flatMap(({ values }) => [...values.keys()]))];
  if (rows.length === 1) return paths;
  return paths.filter((path) => new Set(rows.map(({ values }) => JSON.stringify(values.get(path)))).size > 1);
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return 'default';
  const text = typeof value === 'object' && value !== null ? undefined : encodeSegment(String(value));
  return text !== undefined && text !== '' && text.length <= LONGEST_VALUE ? text : digestText(JSON.stringify(value));
}

function digestText(text: string): string {
  return hash('sha256', text).slice(0, 12);
}

/** It names a folder. */
function usable(name: string): string {
  if (/^[A-Za-z0-9_+@-][A-Za-z0-9_.+@-]{0,59}$/.test(name)) return name;
  const fix = 'use 1 to 60 letters, digits, and - _ + @; a dot not at its beginning';
  throw new Failure('usage', { fact: `a setting cannot have the name ${JSON.stringify(name)}`, fix });
}

function checkUnique(settings: readonly Setting[]): void {
  const seen = new Map<string, string>();
  const names = new Set<string>();
  for (const { name, overrides } of settings) {
    const values = JSON.stringify([...overrides].map(({ path, value }) => [path, value]).sort());
    const same = seen.get(values);
    if (same !== undefined) {
      const fix = 'each setting is tried once: leave one of the two out';
      throw new Failure('usage', { fact: `the settings ${same} and ${name} are the same`, fix });
    }
    // Some file systems do not tell cases apart.
    if (names.has(name.toLowerCase())) {
      throw new Failure('usage', { fact: `two settings have the name ${name}`, fix: 'give them other names' });
    }
    seen.set(values, name);
    names.add(name.toLowerCase());
  }
}
