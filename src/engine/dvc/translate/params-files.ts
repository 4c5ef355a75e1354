import type { JsonValue } from '../../base/json.ts';
import { type Place, rangeOf } from '../../pipeline/yaml/source.ts';
import { type MappingTree, treeToJson } from '../../pipeline/yaml/tree.ts';
import type { ProjectFiles } from '../project-files.ts';
import { type Context, DEFAULT_FILE, readParamsFile } from '../read/context.ts';
import type { ImportedParams } from './imported.ts';
import { Names, stemOf } from './names.ts';

/** Files of params, and where their values are in the new pipeline file. */
export class ParamsFiles {
  readonly #context: Context;
  readonly #files: ProjectFiles;
  readonly #names: Names;
  readonly #others = new Map<string, { readonly root: string; readonly tree: MappingTree }>();
  readonly #notes = new Map<string, string>();

  constructor(context: Context, files: ProjectFiles) {
    this.#context = context;
    this.#files = files;
    this.#names = new Names(context.values.keys());
  }

  /** The values of a file; undefined where it is not there. */
  tree(file: string, place: Place): MappingTree | undefined {
    if (this.#others.has(file)) return this.#others.get(file)?.tree;
    const tree = readParamsFile(file, this.#files, place);
    if (tree && !this.#context.files.has(file)) this.#others.set(file, { root: this.#names.give(stemOf(file)), tree });
    return tree;
  }

  /** Steps to the values of a file: those of params.yaml and of `vars` are at the top. */
  rootOf(file: string): readonly string[] {
    const other = this.#others.get(file);
    return other ? [other.root] : [];
  }

  note(place: Place, fact: string): void {
    const range = rangeOf(place);
    this.#notes.set(`${range?.file}:${range?.line}`, `${range?.file}:${range?.line} ${fact}`);
  }

  imported(): ImportedParams {
    const top = [...this.#context.values].map(([name, { value }]) => [name, treeToJson(value)] as const);
    const others = [...this.#others.values()].map(({ root, tree }) => [root, treeToJson(tree)] as const);
    const values: Record<string, JsonValue> = Object.fromEntries([...top, ...others]);
    const isFirst = this.#context.files.has(DEFAULT_FILE);
    return { values, text: isFirst ? this.#files.read(DEFAULT_FILE) : undefined, notes: [...this.#notes.values()] };
  }
}
