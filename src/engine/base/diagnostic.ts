import { printable } from './printable.ts';

/** A place in a text file; line and column count from 1. */
export interface SourceRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters of that line the squiggle underlines; at least 1. */
  readonly length: number;
  readonly lineText: string;
}

/** What is wrong, where, and how to fix it. Fact and fix stay separate. */
export interface Diagnostic {
  readonly fact: string;
  readonly fix?: string;
  readonly range?: SourceRange;
}

const LONGEST_LINE = 240;

/** Longer names are not compared: nobody mistypes them. */
const LONGEST_NAME = 100;

/**
 * Renders a diagnostic the way compilers do:
 *
 *     pipeline.yaml:12:9 unknown key "epoch"
 *        12 |       epoch: 5
 *           |       ~~~~~
 *       fix: did you mean "epochs"?
 */
export function renderDiagnostic({ fact, fix, range }: Diagnostic): string {
  const lines = [range ? `${range.file}:${range.line}:${range.column} ${fact}` : fact];
  if (range) {
    const gutter = String(range.line).padStart(6);
    const { text, column } = excerpt(range);
    const start = column - 1;
    const squiggle = '~'.repeat(Math.max(1, printable(text.slice(start, start + range.length)).length));
    // Tabs are kept so that the squiggle stays under its text.
    const indent = printable(text.slice(0, start)).replace(/[^\t]/g, ' ');
    lines.push(`${gutter} | ${printable(text)}`, `${' '.repeat(gutter.length)} | ${indent}${squiggle}`);
  }
  if (fix) lines.push(`  fix: ${fix}`);
  return lines.join('\n');
}

/** The part around the place, for a line that is too long to read. */
function excerpt({ lineText, column }: SourceRange): { readonly text: string; readonly column: number } {
  if (lineText.length <= LONGEST_LINE) return { text: lineText, column };
  const start = Math.max(0, column - 1 - LONGEST_LINE / 2);
  const before = start > 0 ? '…' : '';
  const after = start + LONGEST_LINE < lineText.length ? '…' : '';
  return { text: before + lineText.slice(start, start + LONGEST_LINE) + after, column: column - start + before.length };
}

/** A text for a message, cut to its beginning if it is long. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
}

/** The candidate nearest to a misspelt name, if it is near enough (edit distance with transpositions). */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (!best || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** `did you mean "epochs"?`, or the list of candidates. */
export function suggestName(name: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const nearest = nearestName(name, all);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  if (all.length === 0) return 'there is none to choose from here';
  const shown = all.slice(0, 12).map((candidate) => `"${candidate}"`);
  return `use one of ${shown.join(', ')}${all.length > shown.length ? `, … (${all.length} in all)` : ''}`;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost 1 each. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(at(i - 1, j) + 1, (row[j - 1] as number) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j] as number, at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.length, b.length);
}
