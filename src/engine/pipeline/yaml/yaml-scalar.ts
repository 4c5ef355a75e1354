import { Scalar } from 'yaml';
import { readNumber } from './number-text.ts';

export type ScalarValue = null | boolean | number | string;

export type ScalarReading =
  | { readonly kind: 'value'; readonly value: ScalarValue }
  | { readonly kind: 'refused'; readonly fact: string; readonly fix: string };

/** Words that YAML 1.1 reads as true or false. YAML 1.2 reads them as text, which is true in JavaScript whatever it says. */
const WORDS: Readonly<Record<string, boolean>> = { yes: true, on: true, no: false, off: false };

/** The value of a scalar, if a stage gets it as the file says it. */
export function readScalar(node: Scalar): ScalarReading {
  const { value } = node;
  const text = node.source ?? String(value);
  switch (typeof value) {
    case 'number':
      return readNumberScalar(text, value);
    case 'string':
      if (node.type === Scalar.PLAIN) {
        const word = wordOf(text);
        if (word !== undefined)
          return refused(
            `"${text}" is text here, and ${word} for other readers of YAML`,
            `write ${word}, or '${text}' in quotes`,
          );
        const number = numberWithSeparators(text);
        if (number !== undefined)
          return refused(
            `"${text}" is text here, and a number for other readers of YAML`,
            `write ${number}, or '${text}' in quotes`,
          );
      }
      if (/\p{Surrogate}/u.test(value)) {
        return refused(
          'this text holds half of a surrogate pair, which is no character',
          'write the character, or both halves',
        );
      }
      return { kind: 'value', value };
    case 'boolean':
      return { kind: 'value', value };
    default:
      return value === null
        ? { kind: 'value', value }
        : refused('this value has a type that params cannot hold', 'use text, numbers, true, false or null');
  }
}

function readNumberScalar(text: string, value: number): ScalarReading {
  const number = readNumber(text);
  if (number.kind === 'unfit') return refused(`${text} ${number.fact}`, number.fix);
  if (number.kind === 'text' || number.value !== value) {
    return refused(`${text} is not a number that a param can hold`, 'use null where there is no value');
  }
  if (/^[-+]?0\d/.test(text)) {
    return refused(`${text} would lose its leading zero as a number`, `write ${value}, or '${text}' in quotes`);
  }
  return { kind: 'value', value };
}

function wordOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  const isWord = text === lower || text === text.toUpperCase() || text.slice(1) === lower.slice(1);
  return isWord && Object.hasOwn(WORDS, lower) ? WORDS[lower] : undefined;
}

/** `1_000` and `0b11`, without what makes them text. */
function numberWithSeparators(text: string): string | undefined {
  if (/^[-+]?0b[01_]+$/.test(text)) return String(Number.parseInt(text.replace(/0b|_/g, ''), 2));
  const plain = text.replaceAll('_', '');
  return text !== plain && /^[-+]?\d/.test(text) && readNumber(plain).kind !== 'text' ? plain : undefined;
}

function refused(fact: string, fix: string): ScalarReading {
  return { kind: 'refused', fact, fix };
}
