import { Failure } from '../../base/failure.ts';
import { isJsonObject } from '../../base/json.ts';
import type { MatrixCoordinate } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import {
  type BoundReference,
  bindReference,
  Entries,
  evaluateReference,
  type Scope,
  type ScopeCoordinate,
} from '../references/bound-reference.ts';
import { parseTemplateText } from '../references/reference.ts';
import { compileTemplate } from '../references/template.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, textOf } from '../yaml/tree.ts';

/** A coordinate of a stage: its values, and the meaning of its name in the templates that see it. */
export interface DeclaredCoordinate {
  readonly matrix: MatrixCoordinate;
  readonly scoped: ScopeCoordinate;
}

/**
 * Reads a coordinate's values: a list, a reference, a range `{from, to}`, or entries `{of, take}`. The schema has checked the shape.
 * @throws {Failure} for references that lead nowhere
 */
export function declareCoordinate(name: string, tree: Tree, scope: Scope): DeclaredCoordinate {
  const values = compileTemplate(tree, scope);
  const common = { name, place: tree.place, values };
  const of = entryOf(tree, 'of');
  if (of) {
    const takePlace = entryOf(tree, 'take')?.value.place ?? tree.place;
    const entries = wholeReference(of.value, scope);
    if (!entries) {
      throw new Failure(
        'usage',
        problemAt(of.value.place, '"of" is no single reference', `write for example of: "\${architectures}"`),
      );
    }
    return {
      matrix: { ...common, kind: 'entries', takePlace },
      scoped: { kind: 'entry', name, entries: new Entries(entries) },
    };
  }
  if (tree.kind === 'mapping') return { matrix: { ...common, kind: 'range' }, scoped: { kind: 'value', name } };
  return { matrix: { ...common, kind: 'list' }, scoped: scopedBy(name, wholeReference(tree, scope)) };
}

/** Replaces a coordinate with an error of its own, so that everything else that names it causes no further errors. */
export function unreadableCoordinate(name: string, place: Place): DeclaredCoordinate {
  const constant = { depth: 0, text: name, rootText: name, place, steps: [] } as const;
  return {
    matrix: { name, place, kind: 'list', values: { kind: 'constant', depth: 0, value: [] } },
    scoped: { kind: 'entry', name, entries: new Entries({ ...constant, root: { kind: 'value', value: {} } }) },
  };
}

/** Reports a name that could mean two things. */
export function checkClash(name: string, key: Place, { params, axes }: Scope, problems: Problems): void {
  const fix = 'rename one of the two';
  if (Object.hasOwn(params, name)) {
    problems.add(problemAt(key, `"${name}" is both a coordinate and a param, so \${${name}} could mean either`, fix));
  } else if (axes && name === 'axes') {
    problems.add(
      problemAt(key, `"axes" is both a coordinate and what \${axes.…} looks axes up in`, 'rename the coordinate'),
    );
  }
}

function wholeReference(tree: Tree, scope: Scope): BoundReference | undefined {
  const text = textOf(tree);
  const parsed = text === undefined ? undefined : parseTemplateText(text, tree.place);
  return parsed?.kind === 'whole' ? bindReference(parsed.reference, scope) : undefined;
}

/** A coordinate over the value of a reference. Where other coordinates decide that value, it may be a mapping. */
function scopedBy(name: string, reference: BoundReference | undefined): ScopeCoordinate {
  if (!reference || (reference.depth === 0 && !isJsonObject(evaluateReference(reference, []))))
    return { kind: 'value', name };
  return { kind: 'entry', name, entries: new Entries(reference) };
}
