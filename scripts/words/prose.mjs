// Finds the prose of a file: comments and texts of code, everything but code in documents. What is no prose becomes blanks, so that
// positions stay what they are in the file.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @returns {string | undefined} as long as `text`; nothing for files without prose */
export function proseOf(text, extension) {
  switch (extension) {
    case '.ts':
    case '.mjs':
    case '.cjs':
    case '.js':
      return proseOfScript(text);
    case '.cpp':
    case '.h':
      return proseOfNativeCode(text);
    case '.md':
      return proseOfDocument(text);
    case '.yaml':
    case '.yml':
    case '.json':
    case '.py':
    case '.sh':
      return withoutMarks(text);
    default:
      return undefined;
  }
}

/** Comments are what stands between tokens. A text without a blank is a name, a path or a key. */
function proseOfScript(text) {
  // Takes longer to load than most runs of the linter.
  const ts = require('typescript');
  const texts = [
    ts.SyntaxKind.StringLiteral,
    ts.SyntaxKind.NoSubstitutionTemplateLiteral,
    ts.SyntaxKind.TemplateHead,
    ts.SyntaxKind.TemplateMiddle,
    ts.SyntaxKind.TemplateTail,
  ];
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  let prose = '';
  const keep = (end, isProse) => {
    const part = text.slice(prose.length, end);
    prose += isProse ? part : blank(part);
  };
  const visit = (node) => {
    const children = node.getChildren(file);
    if (children.length > 0 && node.kind !== ts.SyntaxKind.JSDoc) {
      for (const child of children) if (child.kind !== ts.SyntaxKind.JSDoc) visit(child);
      return;
    }
    const start = node.getStart(file);
    keep(start, true);
    keep(node.end, texts.includes(node.kind) && /\s/.test(node.text ?? ''));
  };
  visit(file);
  keep(text.length, true);
  return withoutMarks(prose);
}

const NATIVE_PROSE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"/g;

function proseOfNativeCode(text) {
  let prose = '';
  for (const { 0: part, index } of text.matchAll(NATIVE_PROSE)) {
    prose += blank(text.slice(prose.length, index)) + (part[0] === '"' && !/\s/.test(part) ? blank(part) : part);
  }
  return withoutMarks(prose + blank(text.slice(prose.length)));
}

/** Without fenced blocks, code in backquotes and addresses of links. */
function proseOfDocument(text) {
  return text
    .replace(/^```[\s\S]*?^```/gm, blank)
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank)
    .replace(/\]\([^)\s]*\)/g, blank);
}

/** Without the marks of comments, so that a phrase is found across the end of a line. */
export function withoutMarks(text) {
  return text.replace(/^[ \t]*(?:\/\*\*?|\*\/?|\/\/|#)/gm, blank).replace(/`/g, ' ');
}

function blank(text) {
  return text.replace(/[^\n]/g, ' ');
}
