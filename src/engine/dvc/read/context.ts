import { Failure } from '../../base/failure.ts';
import { fileSource, type Place, problemAt } from '../../pipeline/yaml/source.ts';
import type { MappingTree, Tree, TreeEntry } from '../../pipeline/yaml/tree.ts';
import { readTree } from '../../pipeline/yaml/tree.ts';
import type { ProjectFiles } from '../project-files.ts';

/** Values that `${…}` may refer to, and the files that they come from. */
export interface Context {
  readonly values: ReadonlyMap<string, TreeEntry>;
  /** Files whose values are among them. */
  readonly files: ReadonlySet<string>;
}

/** The file that DVC looks into without being told. */
export const DEFAULT_FILE = 'params.yaml';

/** Params of `params.yaml` and of `vars`, merged as DVC merges them. @throws {Failure} for a file that is missing, or for two values of one key */
export function readContext(vars: Tree | undefined, files: ProjectFiles, base?: Context): Context {
  let values: ReadonlyMap<string, TreeEntry> = base?.values ?? new Map();
  const loaded = new Set(base?.files ?? []);
  if (!base) {
    const tree = readParamsFile(DEFAULT_FILE, files);
    if (tree) {
      values = tree.entries;
      loaded.add(DEFAULT_FILE);
    }
  }
  for (const item of vars?.kind === 'list' ? vars.items : []) {
    if (item.kind === 'mapping') {
      values = merged(values, item.entries);
      continue;
    }
    const [path = '', keys] = item.kind === 'scalar' ? String(item.value).split(':') : [];
    if (loaded.has(path)) continue;
    const tree = readParamsFile(path, files, item.place);
    if (!tree) {
      const fix = 'put the file there, or remove it from "vars"';
      throw new Failure('usage', problemAt(item.place, `there is no file "${path}" with a mapping`, fix));
    }
    const chosen = keys === undefined ? undefined : new Set(keys.split(','));
    values = merged(values, new Map([...tree.entries].filter(([name]) => chosen?.has(name) ?? true)));
    if (!chosen) loaded.add(path);
  }
  return { values, files: loaded };
}

/**
 * A file of params; undefined where there is none.
 * @param place that names it
 * @throws {Failure} for a format that is not known, and for what is wrong in it
 */
export function readParamsFile(path: string, files: ProjectFiles, place?: Place): MappingTree | undefined {
  const text = files.read(path);
  if (text === undefined) return undefined;
  if (!/\.(json|ya?ml)$/.test(path)) {
    const fact = `${path} has params in a format that cannot be imported`;
    const fix = 'write them as YAML or JSON, and let the program read that';
    throw new Failure('usage', place ? problemAt(place, fact, fix) : { fact, fix });
  }
  const tree = readTree(fileSource(path, text));
  if (tree.kind === 'mapping') return tree;
  if (tree.kind === 'scalar' && tree.value === null) return { kind: 'mapping', entries: new Map(), place: tree.place };
  throw new Failure('usage', problemAt(tree.place, `${path} holds no mapping`, 'give each param a name'));
}

function merged(
  first: ReadonlyMap<string, TreeEntry>,
  second: ReadonlyMap<string, TreeEntry>,
): ReadonlyMap<string, TreeEntry> {
  const result = new Map(first);
  for (const [name, entry] of second) {
    const before = result.get(name);
    if (before === undefined) {
      result.set(name, entry);
    } else if (before.value.kind === 'mapping' && entry.value.kind === 'mapping') {
      const value = { ...before.value, entries: merged(before.value.entries, entry.value.entries) };
      result.set(name, { ...before, value });
    } else {
      throw new Failure(
        'usage',
        problemAt(entry.key, `"${name}" has a value already`, 'DVC refuses that too: keep one'),
      );
    }
  }
  return result;
}
