import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { readRegularFile } from '../../base/regular-file.ts';
import { fileSource } from '../../pipeline/yaml/source.ts';
import { readTree, treeToJson } from '../../pipeline/yaml/tree.ts';
import type { SettingRow } from './settings.ts';

const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * Reads a list of settings: YAML or JSON, `[{name: wide, model.width: 128}, …]`; or CSV, whose first line has the paths of params. `name` names the
 * setting.
 * @throws {Failure} kind `usage` where it is no such file
 */
export function readSettingsFile(file: string): readonly SettingRow[] {
  const text = readRegularFile(file, LARGEST_FILE).toString('utf8');
  const rows = file.toLowerCase().endsWith('.csv') ? csvRows(text, file) : listRows(text, file);
  if (rows.length === 0)
    throw new Failure('usage', { fact: `${file} has no settings`, fix: 'write one for each line' });
  return rows;
}

function listRows(text: string, file: string): readonly SettingRow[] {
  const list = treeToJson(readTree(fileSource(file, text)));
  const fix = 'write a list of mappings from paths of params to values: [{batchSize: 16}, {batchSize: 32}]';
  if (!Array.isArray(list)) throw new Failure('usage', { fact: `${file} holds no list`, fix });
  return list.map((item: JsonValue, index) => {
    if (!isJsonObject(item)) throw new Failure('usage', { fact: `item ${index + 1} of ${file} is no mapping`, fix });
    return rowOf(Object.entries(item), `item ${index + 1} of ${file}`);
  });
}

/** A cell is YAML, as behind `--set path=`. An empty one sets nothing. */
function csvRows(text: string, file: string): readonly SettingRow[] {
  const [head = [], ...lines] = parseCsv(text, file).filter((cells) => cells.some((cell) => cell.trim() !== ''));
  return lines.map((cells, index) => {
    const place = `row ${index + 1} of ${file}`;
    if (cells.length !== head.length) {
      const fact = `${place} has ${cells.length} cells, and its head ${head.length}`;
      throw new Failure('usage', { fact, fix: 'put cells with commas into quotes' });
    }
    const entries = cells.flatMap((cell, column): (readonly [string, JsonValue])[] => {
      const path = (head[column] ?? '').trim();
      if (cell.trim() === '') return [];
      const origin = `${path} in ${place}`;
      return [[path, path === 'name' ? cell.trim() : treeToJson(readTree({ kind: 'override', origin, text: cell }))]];
    });
    return rowOf(entries, place);
  });
}

function rowOf(entries: readonly (readonly [string, JsonValue])[], place: string): SettingRow {
  const named = entries.find(([path]) => path === 'name')?.[1];
  if (named !== undefined && typeof named !== 'string') {
    throw new Failure('usage', { fact: `the name of ${place} is no text`, fix: 'put it into quotes' });
  }
  const values = entries.filter(([path]) => path !== 'name');
  const wrong = values.find(([path]) => path === '');
  if (wrong) throw new Failure('usage', { fact: `${place} has a value without a path`, fix: 'name the param' });
  return { name: named, values: new Map(values) };
}

/** RFC 4180. */
function parseCsv(text: string, file: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const body = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  for (;;) {
    const found = cell.exec(body);
    if (!found) {
      const fact = `row ${rows.length} of ${file} is no CSV`;
      throw new Failure('usage', { fact, fix: 'put cells with quotes into quotes, and write each of them twice' });
    }
    const [, quoted, plain = '', end] = found;
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return rows;
    if (end !== ',') rows.push([]);
  }
}
