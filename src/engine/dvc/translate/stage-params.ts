import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Problems } from '../../pipeline/problems.ts';
import { type Place, problemAt } from '../../pipeline/yaml/source.ts';
import type { Tree } from '../../pipeline/yaml/tree.ts';
import type { DvcParam } from '../dvc-stage.ts';
import { differenceOf } from '../read/scalar-text.ts';
import type { ParamsFiles } from './params-files.ts';
import { referenceTo } from './script.ts';

export interface StageParams {
  readonly params: { readonly [name: string]: JsonValue };
  readonly files: readonly { readonly path: string; readonly name?: string }[];
}

/** The params that a stage declares, as references to those of the pipeline, and the files in which its program finds them. */
export function stageParams(declared: readonly DvcParam[], known: ParamsFiles, problems: Problems): StageParams {
  const byFile = new Map<string, Branch>();
  for (const param of declared) {
    problems.attempt(() => add(param, known, byFile));
  }
  const files = [...byFile];
  const [only] = files;
  if (only === undefined) return { params: {}, files: [] };
  if (files.length === 1) return { params: only[1] as StageParams['params'], files: [{ path: only[0] }] };
  return { params: Object.fromEntries(files), files: files.map(([path]) => ({ path, name: path })) };
}

/** A mapping on the way to references. */
interface Branch {
  [name: string]: string | Branch;
}

function add({ file, path, place }: DvcParam, known: ParamsFiles, byFile: Map<string, Branch>): void {
  const tree = known.tree(file, place);
  if (!tree) throw new Failure('usage', problemAt(place, `there is no file "${file}" of params`, 'put it there'));
  const branch = byFile.get(file) ?? {};
  byFile.set(file, branch);
  const paths = path.length > 0 ? [path] : [...tree.entries.keys()].map((name) => [name]);
  for (const each of paths) {
    const steps = stepsInMappings(tree, each, file, place);
    refuseOtherValues(steps.tree, known);
    const reference = referenceTo([...known.rootOf(file), ...steps.path]);
    if (reference === undefined) {
      throw new Failure(
        'usage',
        problemAt(place, `the param ${each.join('.')} has a name that no reference can write`, 'rename it'),
      );
    }
    plant(branch, steps.path, reference);
  }
}

/** The way to a param. An item of a list comes with all of the list, since a file with one item would be another list. */
function stepsInMappings(root: Tree, path: readonly string[], file: string, place: Place) {
  let tree: Tree | undefined = root;
  const walked: string[] = [];
  for (const step of path) {
    if (tree?.kind === 'list') break;
    tree = tree?.kind === 'mapping' ? tree.entries.get(step)?.value : undefined;
    walked.push(step);
    if (tree) continue;
    throw new Failure(
      'usage',
      problemAt(place, `${file} has no param "${path.join('.')}"`, 'correct the name, or add the param'),
    );
  }
  return { tree: tree ?? root, path: walked };
}

function plant(branch: Branch, path: readonly string[], reference: string): void {
  let at = branch;
  for (const [position, step] of path.entries()) {
    const there = at[step];
    // A param above it is there already.
    if (typeof there === 'string') return;
    if (position === path.length - 1) {
      at[step] = reference;
      return;
    }
    const next: Branch = there ?? {};
    at[step] = next;
    at = next;
  }
}

function refuseOtherValues(tree: Tree, known: ParamsFiles): void {
  if (tree.kind === 'list') for (const item of tree.items) refuseOtherValues(item, known);
  if (tree.kind === 'mapping') for (const { value } of tree.entries.values()) refuseOtherValues(value, known);
  if (tree.kind !== 'scalar') return;
  const difference = differenceOf(tree);
  if (difference?.kind === 'value') {
    throw new Failure(
      'usage',
      problemAt(tree.place, difference.fact, 'write it in quotes, so that it is a text for all readers'),
    );
  }
  if (difference) known.note(tree.place, difference.fact);
}
