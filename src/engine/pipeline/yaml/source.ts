import { LineCounter } from 'yaml';
import { type Diagnostic, type SourceRange, shortened } from '../../base/diagnostic.ts';

const LONGEST_FACT = 1000;
const LONGEST_ORIGIN = 200;

/** A text with values: the pipeline file, or the value of an override. */
export type Source =
  | { readonly kind: 'file'; readonly file: string; readonly text: string; readonly lines: LineCounter }
  | { readonly kind: 'override'; readonly origin: string; readonly text: string };

/** A range of a source, as offsets; it becomes a line and column only when a message needs it. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export function fileSource(file: string, text: string): Source & { readonly kind: 'file' } {
  return { kind: 'file', file, text, lines: new LineCounter() };
}

/** Where a place of the pipeline file is; a place in an override has no line. */
export function rangeOf({ source, start, end }: Place): SourceRange | undefined {
  if (source.kind === 'override') return undefined;
  const { line, col } = source.lines.linePos(start);
  const lineStart = start - (col - 1);
  const nextLine = source.text.indexOf('\n', lineStart);
  const lineText = source.text.slice(lineStart, nextLine < 0 ? undefined : nextLine).replace(/\r$/, '');
  const length = Math.max(1, Math.min(end - start, lineText.length - (col - 1)));
  return { file: source.file, line, column: col, length, lineText };
}

/** A message about a place. One about an override quotes what the user wrote. */
export function problemAt(place: Place, fact: string, fix?: string): Diagnostic {
  const range = rangeOf(place);
  const short = shortened(fact, LONGEST_FACT);
  return {
    fact: place.source.kind === 'override' ? `${shortened(place.source.origin, LONGEST_ORIGIN)}: ${short}` : short,
    ...(fix === undefined ? {} : { fix: shortened(fix, LONGEST_FACT) }),
    ...(range === undefined ? {} : { range }),
  };
}

/** The place of a part of the text at `place`, or all of it where the part cannot be found (escapes, folded lines). */
export function placeOfPart(place: Place, part: string): Place {
  const start = place.source.text.slice(place.start, place.end).indexOf(part);
  return start < 0 ? place : { ...place, start: place.start + start, end: place.start + start + part.length };
}
