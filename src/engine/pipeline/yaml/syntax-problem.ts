import type { CST, YAMLError } from 'yaml';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { type Place, problemAt, rangeOf, type Source } from './source.ts';

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** What is wrong with a text that is no YAML. The parser says where it stopped, this what to write. */
export function syntaxProblem(error: YAMLError, tokens: readonly CST.Token[], source: Source): Diagnostic {
  const [start, end] = error.pos;
  const place = { source, start, end };
  const { fact, fix } = explain(error, tokens, place);
  const said = fact ?? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return problemAt(place, `this is not valid YAML: ${said}`, fix);
}

/** A fact stands where the parser's own words lead away from the mistake. */
interface Explanation {
  readonly fact?: string;
  readonly fix: string;
}

function explain({ code, message }: YAMLError, tokens: readonly CST.Token[], place: Place): Explanation {
  const { text } = place.source;
  const line = text.slice(place.start).split(/\r?\n/, 1)[0] ?? '';
  switch (code) {
    case 'TAB_AS_INDENT':
      return { fix: 'indent with blanks' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (message.includes('sequence')) return { fix: 'begin the items of a list at the same column' };
      return /:(\s|$)/.test(line)
        ? { fact: 'a second colon in one line', fix: 'put text that holds ": " in quotes' }
        : { fact: 'a value, with a mapping below it', fix: 'indent the next line less, or remove this value' };
    case 'BAD_ALIAS':
      return { fix: 'a text that is * stands in quotes: "*"' };
    case 'BAD_DQ_ESCAPE':
      return { fix: String.raw`write \\ for a backslash, or put the text in single quotes` };
    default: {
      if (/^Implicit (map )?keys need/.test(message)) return keyWithoutColon(line);
      if (message.startsWith('All ')) return { fix: 'begin it at the column of the entry before, with blanks' };
      const quote = /^Missing closing (['"])quote/.exec(message)?.[1];
      if (quote)
        return { fact: 'a text in quotes has no end', fix: closing(quote, quotedUntil(tokens, place.start), place) };
      const bracket = /end with a ([\]}])$/.exec(message)?.[1];
      if (bracket) return { fix: closing(bracket, innermostOpen(tokens, bracket, place.start), place) };
      return { fix: unquoted(text, place.start) ?? 'put text that YAML could read otherwise in quotes' };
    }
  }
}

function keyWithoutColon(line: string): Explanation {
  const [, key, value] = /^([^\s:]+):(\S.*)$/.exec(line) ?? [];
  return key === undefined
    ? { fact: 'a key without a colon', fix: 'write a colon behind it, and its value' }
    : { fact: 'a colon without a blank behind it', fix: `write ${key}: ${value}` };
}

function closing(sign: string, opened: number | undefined, { source }: Place): string {
  const range = opened === undefined ? undefined : rangeOf({ source, start: opened, end: opened + 1 });
  return range ? `write the ${sign} that closes what begins at ${range.line}:${range.column}` : `close it with ${sign}`;
}

/** `evaluate.loss[seed=*]` and `${rate}` inside brackets and braces: the text in quotes. */
function unquoted(text: string, stopped: number): string | undefined {
  const close = CLOSING[text.charAt(stopped)];
  const before = /[^\s,[\]{}:"']+$/.exec(text.slice(Math.max(0, stopped - 200), stopped))?.[0];
  if (close === undefined || before === undefined) return undefined;
  const inside = text.slice(stopped, text.indexOf(close, stopped) + 1);
  return inside === '' || /[\n"]/.test(inside) ? undefined : `put it in quotes: "${before}${inside}"`;
}

/** Of what this sign closes, the last that begins before a place and is not closed. */
function innermostOpen(tokens: readonly CST.Token[], sign: string, end: number): number | undefined {
  let found: number | undefined;
  for (const token of allTokens(tokens)) {
    if (token.type !== 'flow-collection' || token.offset >= end) continue;
    const isOfSign = CLOSING[token.start.source] === sign;
    if (isOfSign && token.end.every(({ source }) => source !== sign)) found = token.offset;
  }
  return found;
}

function quotedUntil(tokens: readonly CST.Token[], end: number): number | undefined {
  for (const token of allTokens(tokens)) {
    const quoted = token.type === 'double-quoted-scalar' || token.type === 'single-quoted-scalar';
    if (quoted && token.offset + token.source.length === end) return token.offset;
  }
  return undefined;
}

function* allTokens(tokens: readonly CST.Token[]): Iterable<CST.Token> {
  for (const token of tokens) {
    yield token;
    if (token.type === 'document' && token.value) yield* allTokens([token.value]);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) yield* allTokens([key]);
      if (value) yield* allTokens([value]);
    }
  }
}
