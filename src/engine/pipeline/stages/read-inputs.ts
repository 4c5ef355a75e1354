import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import { distinctValues } from '../coordinates/distinct-values.ts';
import type { DeclaredInput, MatrixCoordinate } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../references/bound-reference.ts';
import { describeValue } from '../references/lookup.ts';
import { compileText } from '../references/template.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { type Tree, textOf } from '../yaml/tree.ts';
import { type InputReference, parseInputReference } from './input-reference.ts';

/** What the references of a stage's inputs can refer to. */
export interface InputNames {
  /** For what stands in brackets. */
  readonly scope: Scope;
  /** For the stage and its output: all nodes of a chain read from the same stage. */
  readonly chainScope: Scope;
  readonly each: readonly MatrixCoordinate[];
}

/** Reads a mapping of inputs to references. */
export function readInputs(tree: Tree | undefined, names: InputNames, problems: Problems): readonly DeclaredInput[] {
  if (tree?.kind !== 'mapping') return [];
  return [...tree.entries].flatMap(([name, { key, value }]) => {
    const read = problems.attempt(() => readReferences(textOf(value) ?? '', value.place, names));
    return read ? [{ name, place: key, ...read }] : [];
  });
}

/** Before the brackets, `${…}` stands for a part of the reference, or for all of it. */
function readReferences(text: string, place: Place, { scope, chainScope, each }: InputNames) {
  const bracket = [...text.matchAll(/\$\{[^}]*\}?|\[/g)].find(([found]) => found === '[')?.index ?? text.length;
  const brackets = text.slice(bracket);
  const choice = compileText(text.slice(0, bracket).trimEnd(), place, chainScope);
  const references = new Map<string, InputReference>();
  for (const value of distinctValues(choice, each, place)) {
    const chosen = nameIn(value, place);
    references.set(chosen, parseInputReference(chosen + brackets, place, scope));
  }
  return { choice, references };
}

function nameIn(value: JsonValue, place: Place): string {
  if (typeof value === 'string') return value;
  const fact = `this is ${describeValue(value)}`;
  throw new Failure('usage', problemAt(place, fact, 'refer to a param that names a source or an output'));
}
