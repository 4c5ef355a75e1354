import { shortened } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_BRACKETS, MAX_REFERENCES_IN_TEXT } from '../limits.ts';
import { type Place, placeOfPart, problemAt } from '../yaml/source.ts';

/** The content of `${…}`: a root name, and steps into its value. */
export interface Reference {
  readonly text: string;
  readonly place: Place;
  readonly root: string;
  readonly steps: readonly ReferenceStep[];
}

export type ReferenceStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  /** `[architecture]`: the value of another reference is the key or the index. */
  | { readonly kind: 'computed'; readonly reference: Reference }
  /** `.*`: every item of a list, or every entry of a mapping; once in a reference. */
  | { readonly kind: 'every' };

/** A scalar's text, divided at its references. */
export type TemplateText =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'whole'; readonly reference: Reference }
  | { readonly kind: 'mixed'; readonly parts: readonly (string | Reference)[] };

const LONGEST_REFERENCE = 200;

const NAME = /[^\s.[\]{}$,"'*=]+/y;

/**
 * Divides a text at `${…}`; `$${` stands for a literal `${`.
 * @throws {Failure} at the reference that cannot be read
 */
export function parseTemplateText(text: string, place: Place): TemplateText {
  if (!text.includes('${')) return { kind: 'plain', text };
  const parts: (string | Reference)[] = [];
  let literal = '';
  let position = 0;
  let references = 0;
  while (position < text.length) {
    const dollar = text.indexOf('${', position);
    if (dollar < 0) break;
    if (text[dollar - 1] === '$' && dollar > position) {
      literal += `${text.slice(position, dollar - 1)}\${`;
      position = dollar + 2;
      continue;
    }
    const close = text.indexOf('}', dollar);
    if (close < 0) {
      throw new Failure(
        'usage',
        problemAt(
          placeOfPart(place, text.slice(dollar)),
          'this reference has no closing brace',
          `write \${name}; a literal \${ is written $\${`,
        ),
      );
    }
    if (++references > MAX_REFERENCES_IN_TEXT) {
      const fact = `this text has more than ${MAX_REFERENCES_IN_TEXT} references`;
      throw new Failure('usage', problemAt(place, fact, 'use a list of texts'));
    }
    literal += text.slice(position, dollar);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(parseReference(text.slice(dollar + 2, close), placeOfPart(place, text.slice(dollar, close + 1))));
    position = close + 1;
  }
  literal += text.slice(position);
  if (literal !== '') parts.push(literal);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return typeof only === 'string' ? { kind: 'plain', text: only } : { kind: 'whole', reference: only };
  }
  return { kind: 'mixed', parts };
}

/**
 * Reads `architectures[architecture].model`, `seeds[0]` or `table["a.b"]`.
 * @throws {Failure} where the text is none of these
 */
export function parseReference(text: string, place: Place): Reference {
  const trimmed = text.trim();
  let position = 0;
  let depth = 0;
  const fail = (fix = 'write a path such as data.directory, seeds[0] or architectures[architecture].epochs'): never => {
    const fact = `"${shortened(trimmed, LONGEST_REFERENCE)}" is not a reference`;
    throw new Failure('usage', problemAt(place, fact, fix));
  };
  const name = (): string => {
    NAME.lastIndex = position;
    const match = NAME.exec(trimmed)?.[0] ?? fail();
    position += match.length;
    return match;
  };
  const bracket = (): ReferenceStep => {
    const quoted = /^\[\s*(?:"([^"]*)"|'([^']*)')\s*\]/.exec(trimmed.slice(position));
    if (quoted) {
      position += quoted[0].length;
      return { kind: 'key', key: quoted[1] ?? quoted[2] ?? '' };
    }
    const number = /^\[\s*(\d+)\s*\]/.exec(trimmed.slice(position));
    if (number) {
      position += number[0].length;
      return { kind: 'index', index: Number(number[1]) };
    }
    position++;
    const start = position;
    const inner = path();
    if (trimmed[position] !== ']') fail();
    const innerText = trimmed.slice(start, position);
    position++;
    return { kind: 'computed', reference: { ...inner, text: innerText, place } };
  };
  const path = (): { root: string; steps: ReferenceStep[] } => {
    if (++depth > MAX_BRACKETS) fail();
    const root = name();
    const steps: ReferenceStep[] = [];
    for (;;) {
      if (trimmed[position] === '.') {
        position++;
        if (trimmed[position] === '*') {
          position++;
          if (steps.some(({ kind }) => kind === 'every')) fail('`.*` stands once in a reference');
          steps.push({ kind: 'every' });
        } else steps.push({ kind: 'key', key: name() });
      } else if (trimmed[position] === '[') steps.push(bracket());
      else break;
    }
    depth--;
    return { root, steps };
  };
  const parsed = path();
  if (position < trimmed.length) fail();
  return { text: trimmed, place, ...parsed };
}
