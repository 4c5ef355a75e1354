import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../references/bound-reference.ts';
import { parseTemplateText, type Reference } from '../references/reference.ts';
import { compileText, type Template } from '../references/template.ts';
import { type Place, placeOfPart, problemAt } from '../yaml/source.ts';
import { entryOf, type ScalarTree, type Tree, type TreeEntry } from '../yaml/tree.ts';
import type { CommandPiece, CommandProgram, CommandWord } from './command.ts';
import { readPaths } from './read-paths.ts';
import { readProgramEnvironment } from './read-program-environment.ts';

/** A command before the types of its inputs are known. */
export interface DeclaredCommand extends Omit<CommandProgram, 'inputs'> {
  /** By their text, the values of the references in its words. They are params of the node. */
  readonly references: readonly (readonly [name: string, value: Template])[];
  readonly place: Place;
}

/** What the words of a command may name. */
interface Names {
  readonly scope: Scope;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const PLACEHOLDER = /\{(inputs|outputs)\.([^{}\s]*)\}/g;

/** As Snakemake has them. The program would get the braces, and write to a file of that name. */
const SINGULAR = /\{(input|output)\.([^{}\s]+)\}/g;

/** Folders that a command finds next to its code. */
const TAKEN = new Set(['inputs', 'outputs', '.vmfdag']);

/** Reads `command` and `code` of a stage, whose shape the schema has checked. */
export function readCommand(
  { value: tree }: TreeEntry,
  stage: Tree,
  names: Names,
  problems: Problems,
): DeclaredCommand {
  const references = new Map<string, Template>();
  const environment = entryOf(stage, 'environment');
  const scalars = tree.kind === 'list' ? tree.items : [tree];
  const words = scalars.map((item) => {
    const read = () => readWord(item as ScalarTree, names, references);
    return problems.attempt(read) ?? [];
  });
  if (words.length === 0 || words[0]?.every((piece) => piece.kind === 'text' && piece.text.trim() === '')) {
    problems.add(problemAt(tree.place, '"command" names no program', 'write for example [python3, train.py]'));
  }
  return {
    kind: 'command',
    form: tree.kind === 'list' ? 'words' : 'script',
    words,
    code: readCode(entryOf(stage, 'code')?.value, problems),
    paths: readPaths(entryOf(stage, 'paths')?.value, names, problems),
    environment: environment && problems.attempt(() => readProgramEnvironment(environment)),
    references: [...references],
    place: tree.place,
  };
}

/** @throws {Failure} at the reference or the placeholder that cannot be read */
function readWord({ value, place }: ScalarTree, names: Names, references: Map<string, Template>): CommandWord {
  const text = String(value);
  if (text.includes('\0')) {
    throw new Failure('usage', problemAt(place, 'an argument holds a null character', 'remove it'));
  }
  const parsed = parseTemplateText(text, place);
  const parts =
    parsed.kind === 'plain' ? [parsed.text] : parsed.kind === 'whole' ? [parsed.reference] : [...parsed.parts];
  return parts.flatMap((part) =>
    typeof part === 'string' ? readPlaceholders(part, place, names) : [readReference(part, names.scope, references)],
  );
}

function readReference(reference: Reference, scope: Scope, references: Map<string, Template>): CommandPiece {
  const { text, place } = reference;
  const name = `\${${text}}`;
  // The node's coordinates are in its key already.
  if (scope.coordinates.some((coordinate) => coordinate.name === text)) return { kind: 'coordinate', name: text };
  references.set(name, compileText(name, place, scope));
  return { kind: 'param', name };
}

/** Other braces are text: programs use them too. */
function readPlaceholders(text: string, place: Place, { inputs, outputs }: Names): CommandPiece[] {
  for (const [whole, list, name = ''] of text.matchAll(SINGULAR)) {
    if (!(list === 'input' ? inputs : outputs).includes(name)) continue;
    const fact = `${whole} would reach the program as it is`;
    throw new Failure('usage', problemAt(placeOfPart(place, whole), fact, `write {${list}s.${name}}`));
  }
  const pieces: CommandPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, list, name = ''] = match;
    const known = list === 'inputs' ? inputs : outputs;
    if (!known.includes(name)) {
      const fact = `the stage has no ${list === 'inputs' ? 'input' : 'output'} "${name}"`;
      throw new Failure('usage', problemAt(placeOfPart(place, whole), fact, suggestName(name, known)));
    }
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push({ kind: list === 'inputs' ? 'input' : 'output', name });
    end = match.index + whole.length;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

function readCode(tree: Tree | undefined, problems: Problems): readonly string[] {
  if (tree?.kind !== 'list') return [];
  return tree.items.map((item) => {
    const path = String((item as ScalarTree).value);
    const [first = ''] = path.split('/');
    if (TAKEN.has(first)) {
      const fact = `"${path}" cannot be code: a command finds its ${first === '.vmfdag' ? 'params' : first} in ${first}/`;
      problems.add(problemAt(item.place, fact, 'move it to another folder'));
    }
    return path.replace(/\/+$/, '');
  });
}
