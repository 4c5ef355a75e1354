import { Failure } from '../../base/failure.ts';
import type { Scope } from '../references/bound-reference.ts';
import { compileText, type Template } from '../references/template.ts';
import { type Place, placeOfPart, problemAt } from '../yaml/source.ts';

/** `stage.output[name=value, other=*]`, or the name of a source, parsed and compiled. Its names are not yet looked up. */
export interface InputReference {
  readonly text: string;
  readonly place: Place;
  readonly stage: string;
  /** Undefined for a source, which has one output. */
  readonly output: string | undefined;
  /** `[*]`: every node, whatever its coordinates. */
  readonly all: boolean;
  readonly selectors: readonly Selector[];
}

export interface Selector {
  readonly coordinate: string;
  readonly place: Place;
  /** Undefined for `*`. */
  readonly value: Template | undefined;
  /** Whether the value has no quotes: `0.10` is a number then. */
  readonly isLiteral: boolean;
}

/** @throws {Failure} at the part that cannot be read */
export function parseInputReference(text: string, place: Place, scope: Scope): InputReference {
  const match = /^([^.\s[]+)(?:\.([^.\s[]+)\s*(?:\[(.*)\])?)?$/s.exec(text);
  const [, stage, output, inside] = match ?? [];
  if (stage === undefined) {
    throw new Failure(
      'usage',
      problemAt(
        place,
        `"${text}" is not a reference to an output`,
        'write stage.output, stage.output[name=value, other=*], or the name of a source',
      ),
    );
  }
  const base = { text, place, stage, output };
  if (inside === undefined) return { ...base, all: false, selectors: [] };
  if (inside.trim() === '*') return { ...base, all: true, selectors: [] };
  const selectors = splitOutsideBraces(inside).map((part) => parseSelector(part, placeOfPart(place, part), scope));
  const seen = new Set<string>();
  for (const { coordinate, place: where } of selectors) {
    if (seen.has(coordinate))
      throw new Failure('usage', problemAt(where, `"${coordinate}" is selected twice`, 'keep one of the two'));
    seen.add(coordinate);
  }
  return { ...base, all: false, selectors };
}

function parseSelector(text: string, place: Place, scope: Scope): Selector {
  const equals = text.indexOf('=');
  const coordinate = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  if (equals < 0 || coordinate === '' || value === '') {
    throw new Failure(
      'usage',
      problemAt(
        place,
        `"${text}" does not select a coordinate`,
        `write name=value, name=\${reference} or name=*; [*] alone gathers all`,
      ),
    );
  }
  if (value === '*') return { coordinate, place, value: undefined, isLiteral: false };
  const quoted = /^(?:"([^"]*)"|'([^']*)')$/.exec(value);
  const bare = quoted ? (quoted[1] ?? quoted[2] ?? '') : value;
  const isLiteral = !quoted && !bare.includes('${');
  return { coordinate, place, value: compileText(bare, place, scope), isLiteral };
}

function splitOutsideBraces(text: string): string[] {
  const parts = text.match(/(?:\$\{[^}]*\}|"[^"]*"|'[^']*'|[^,])+/g) ?? [''];
  return parts.map((part) => part.trim());
}
