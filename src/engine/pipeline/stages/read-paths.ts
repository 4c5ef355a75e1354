import { suggestName } from '../../base/diagnostic.ts';
import type { Problems } from '../problems.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, textOf } from '../yaml/tree.ts';
import type { CommandPaths, ParamsFile } from './command-paths.ts';

/** A path, and where the pipeline file says it. */
interface Named {
  readonly path: string;
  readonly place: Place;
}

/** Reads `paths` of a stage, whose shape the schema has checked. */
export function readPaths(
  tree: Tree | undefined,
  names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  problems: Problems,
): CommandPaths | undefined {
  if (tree === undefined) return undefined;
  const all: Named[] = [];
  const inputs = readNamed(entryOf(tree, 'inputs')?.value, 'input', names.inputs, all, problems);
  const outputs = readNamed(entryOf(tree, 'outputs')?.value, 'output', names.outputs, all, problems);
  const params = readParamsFiles(entryOf(tree, 'params')?.value, all);
  refuseNested(all, problems);
  return { inputs, outputs, params };
}

function readNamed(
  tree: Tree | undefined,
  kind: 'input' | 'output',
  known: readonly string[],
  all: Named[],
  problems: Problems,
): Record<string, string> {
  const paths: Record<string, string> = {};
  if (tree?.kind !== 'mapping') return paths;
  for (const [name, { key, value }] of tree.entries) {
    if (!known.includes(name)) {
      problems.add(problemAt(key, `the stage has no ${kind} "${name}"`, suggestName(name, known)));
    }
    paths[name] = pathOf(value, all);
  }
  return paths;
}

function readParamsFiles(tree: Tree | undefined, all: Named[]): readonly ParamsFile[] {
  if (tree === undefined) return [];
  if (tree.kind !== 'mapping') return [{ path: pathOf(tree, all) }];
  return [...tree.entries].map(([path, { key, value }]) => {
    all.push({ path, place: key });
    return { path, name: textOf(value) ?? '' };
  });
}

function pathOf(tree: Tree, all: Named[]): string {
  const path = textOf(tree) ?? '';
  all.push({ path, place: tree.place });
  return path;
}

/** An input cannot be written to, and an output is taken as a whole: neither can hold another one. */
function refuseNested(all: readonly Named[], problems: Problems): void {
  const sorted = [...all].sort((a, b) => (`${a.path}/` < `${b.path}/` ? -1 : 1));
  for (const [position, { path, place }] of sorted.entries()) {
    const before = sorted[position - 1];
    if (path === 'inputs' || path === 'outputs' || path === '.vmfdag' || path.startsWith('.vmfdag/')) {
      problems.add(problemAt(place, `"${path}" is a folder of the engine`, 'choose another path'));
    } else if (before && `${path}/`.startsWith(`${before.path}/`)) {
      const fact = path === before.path ? `"${path}" is named twice` : `"${path}" is inside of "${before.path}"`;
      problems.add(problemAt(place, fact, 'each input, output and file of params has a path of its own'));
    }
  }
}
