import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_CHARACTERS, MAX_DEPTH } from '../limits.ts';
import { problemAt, type Source } from './source.ts';
import { syntaxProblem } from './syntax-problem.ts';

const TOO_DEEP = `this is more than ${MAX_DEPTH} levels deep`;

/**
 * Parses YAML 1.2 (core schema, with merge keys); the result may have duplicate keys.
 * @throws {Failure} for syntax errors, and for what a pipeline file does not need: tags, directives, several documents, bottomless nesting
 */
export function parseYaml(source: Source): Document.Parsed {
  const { text } = source;
  if (text.length > MAX_CHARACTERS) {
    const fact = `this has ${text.length} characters, and a pipeline may have ${MAX_CHARACTERS}`;
    throw new Failure(
      'usage',
      problemAt({ source, start: 0, end: 1 }, fact, 'put large tables into files that a stage reads'),
    );
  }
  const tokens = parseTokens(source);
  const unsupported = [...unsupportedTokens(tokens, source)];
  if (unsupported.length > 0) throw new Failure('usage', unsupported);

  // `uniqueKeys` would compare each key with all keys before it.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: true,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (!document) throw new Error('the composer gave no document');
  const error = [...document.errors, ...document.warnings][0];
  // The first error only: those after it follow from it.
  if (error) throw new Failure('usage', syntaxProblem(error, tokens, source));
  if (second) {
    const [start, end] = second.range;
    throw new Failure(
      'usage',
      problemAt({ source, start, end }, 'a second document begins here', 'keep one, without ---'),
    );
  }
  return document as Document.Parsed;
}

/** @throws {Failure} for bottomless nesting, before the parser recurs into it */
function parseTokens(source: Source): CST.Token[] {
  const addNewLine = source.kind === 'file' ? source.lines.addNewLine : undefined;
  addNewLine?.(0);
  const parser = new Parser(addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The document is the first on the stack.
    if (parser.stack.length - 1 <= MAX_DEPTH) continue;
    const start = parser.offset;
    throw new Failure('usage', problemAt({ source, start, end: start + 1 }, TOO_DEEP, 'nest it less'));
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function* unsupportedTokens(tokens: readonly CST.Token[], source: Source): Iterable<Diagnostic> {
  for (const token of tokens) {
    if (token.type === 'directive') {
      const place = { source, start: token.offset, end: token.offset + token.source.length };
      yield problemAt(place, 'directives are not supported', 'remove the line');
    } else if (token.type === 'document') {
      yield* tagsIn(token.start, source);
      yield* unsupportedTokens(token.value ? [token.value] : [], source);
    } else if ('items' in token) {
      for (const { start, key, sep, value } of token.items) {
        yield* tagsIn(start, source);
        if (sep) yield* tagsIn(sep, source);
        if (key) yield* unsupportedTokens([key], source);
        if (value) yield* unsupportedTokens([value], source);
      }
    }
  }
}

function* tagsIn(tokens: readonly CST.SourceToken[], source: Source): Iterable<Diagnostic> {
  for (const { type, offset, source: tag } of tokens) {
    if (type !== 'tag') continue;
    const place = { source, start: offset, end: offset + tag.length };
    yield problemAt(
      place,
      `tags such as ${tag} are not supported`,
      'remove it; text that looks like a number stands in quotes',
    );
  }
}
