import { PHRASES } from './phrases.mjs';
import { proseOf, withoutMarks } from './prose.mjs';

/** @returns {{ line: number, column: number, found: string, instead: string }[]} in the order of the file, counted from 1 */
export function findPhrases(text, extension) {
  // To parse a file takes much longer than to search it, and most files hold no phrase at all.
  const unread = withoutMarks(text);
  if (!PHRASES.some(({ pattern }) => unread.search(pattern) >= 0)) return [];
  const prose = proseOf(text, extension);
  if (prose === undefined) return [];
  const findings = PHRASES.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map(({ 0: found, index }) => ({ index, found: found.replace(/\s+/g, ' '), instead })),
  ).sort((a, b) => a.index - b.index);
  return findings.map(({ index, found, instead }) => {
    const before = text.slice(0, index).split('\n');
    return { line: before.length, column: before.at(-1).length + 1, found, instead };
  });
}

export function describeFinding(file, { line, column, found, instead }) {
  return `${file}:${line}:${column}  "${found}": write ${instead}`;
}
