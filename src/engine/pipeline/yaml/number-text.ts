/** The number that a text means in the notations of YAML 1.2: `0.10`, `1e3`, `0x1F`, `0o17`. */
export type NumberText =
  | { readonly kind: 'number'; readonly value: number }
  /** A number that JavaScript cannot represent. */
  | { readonly kind: 'unfit'; readonly fact: string; readonly fix: string }
  | { readonly kind: 'text' };

const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;
const HEXADECIMAL_OR_OCTAL = /^0(?:x[\da-f]+|o[0-7]+)$/i;
const TEXT: NumberText = { kind: 'text' };

export function readNumber(text: string): NumberText {
  const isDecimal = DECIMAL.test(text);
  if (!isDecimal && !HEXADECIMAL_OR_OCTAL.test(text)) return TEXT;
  const value = Number(text);
  const withExponent = isDecimal && /e/i.test(text);
  if (!Number.isFinite(value)) return unfit('is larger than any number that JavaScript has', 'put it in quotes');
  if (!withExponent && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    const fact = 'is beyond 2^53, where JavaScript has no number for every whole number';
    return unfit(fact, 'put it in quotes, and let the stage read it by BigInt(); or write a rounded one as 1e16');
  }
  if (value === 0 && /[1-9]/.test(text.replace(/e.*$/i, ''))) {
    return unfit('is nearer to 0 than any number that JavaScript has', 'write 0, or put it in quotes');
  }
  if (Object.is(value, -0)) {
    return unfit('is minus zero, which JSON does not keep apart from 0', 'write 0, or put it in quotes');
  }
  return { kind: 'number', value };
}

function unfit(fact: string, fix: string): NumberText {
  return { kind: 'unfit', fact, fix };
}
