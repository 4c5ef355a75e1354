import { nearestName, suggestName } from '../base/diagnostic.ts';
import { encodeSegment } from './encode-segment.ts';

/**
 * Which nodes of which stages: `train`, `train/fnn/1` (further coordinates free), `train/*bn/1`, or
 * `train/architecture=fnn/epoch=3` (others free).
 */
export interface NodePattern {
  readonly text: string;
  readonly stage: Glob;
  readonly coordinates: readonly CoordinatePattern[];
}

interface CoordinatePattern {
  /** Undefined where the position decides the coordinate. */
  readonly name: string | undefined;
  readonly glob: Glob;
}

export interface Glob {
  readonly text: string;
  /** The only segment that it matches; undefined with wildcards. */
  readonly segment?: string;
  matches(segment: string): boolean;
}

/** An error in a pattern. */
export interface PatternProblem {
  readonly fact: string;
  readonly fix: string;
}

/** One glob for each coordinate of a stage. */
export type FittedPattern = readonly Glob[];

const ANY: Glob = { text: '*', matches: () => true };

export function parsePattern(text: string): NodePattern {
  const [stage = '', ...segments] = text.split('/');
  return {
    text,
    stage: globOf(stage),
    coordinates: segments.map((segment) => {
      const equals = segment.indexOf('=');
      return equals < 0
        ? { name: undefined, glob: globOf(segment) }
        : { name: segment.slice(0, equals), glob: globOf(segment.slice(equals + 1)) };
    }),
  };
}

function globOf(text: string): Glob {
  if (text === '*') return ANY;
  const pieces = text.split('*').map(encodeUnlessEncoded);
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return literalGlob(text, only);
  return { text, matches: (segment) => matchesPieces(pieces, segment) };
}

/**
 * Whether a text consists of these pieces with anything in between. Each piece takes its first place, which leaves most to later ones. Nothing is
 * tried twice, as a regular expression would do.
 */
function matchesPieces(pieces: readonly string[], text: string): boolean {
  const first = pieces[0] as string;
  const last = pieces[pieces.length - 1] as string;
  const end = text.length - last.length;
  let position = first.length;
  if (position > end || !text.startsWith(first) || !text.endsWith(last)) return false;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, position);
    if (found < 0 || found + piece.length > end) return false;
    position = found + piece.length;
  }
  return true;
}

/** Matches one segment. */
export function literalGlob(text: string, segment: string): Glob {
  return { text, segment, matches: (candidate) => candidate === segment };
}

/** A value may be written as it is or as in ids. */
export function encodeUnlessEncoded(text: string): string {
  return text
    .split(/(%[0-9A-F]{2})/)
    .map((piece, i) => (i % 2 === 1 ? piece : encodeSegment(piece)))
    .join('');
}

/** Whether it can match more than one name. */
export function isWildcard(glob: Glob): boolean {
  return glob.text.includes('*');
}

/** Applies the pattern to a stage's coordinates. */
export function fitPattern(
  pattern: NodePattern,
  stage: string,
  names: readonly string[],
): FittedPattern | PatternProblem {
  const { coordinates, text } = pattern;
  const named = coordinates.filter(({ name }) => name !== undefined);
  if (named.length > 0 && named.length < coordinates.length) {
    return {
      fact: `"${text}" names some coordinates and not others`,
      fix: `write ${stage}/${names.map((name) => `${name}=…`).join('/')}, or the values alone in this order`,
    };
  }
  if (coordinates.length > names.length) {
    const has = names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
    return { fact: `"${text}" has more coordinates than stage "${stage}"`, fix: `its coordinates are: ${has}` };
  }
  const unknown = named.find(({ name }) => name !== undefined && !names.includes(name));
  if (unknown?.name !== undefined) {
    return { fact: `stage "${stage}" has no coordinate "${unknown.name}"`, fix: suggestName(unknown.name, names) };
  }
  return names.map((name, position) => {
    const pattern = named.length > 0 ? named.find((candidate) => candidate.name === name) : coordinates[position];
    return pattern?.glob ?? ANY;
  });
}

export function isFitted(fit: FittedPattern | PatternProblem): fit is FittedPattern {
  return Array.isArray(fit);
}

/** Whether the pattern leaves every coordinate free. */
export function matchesAll(fitted: FittedPattern): boolean {
  return fitted.every((glob) => glob === ANY);
}

export function matchesSegments(fitted: FittedPattern, segments: readonly string[]): boolean {
  return fitted.every((glob, position) => glob.matches(segments[position] as string));
}

/** Names the first coordinate that no node has together with those before it. */
export function explainNoMatch(
  { text }: NodePattern,
  fitted: FittedPattern,
  names: readonly string[],
  nodes: readonly (readonly string[])[],
): PatternProblem {
  let candidates = nodes;
  for (const [position, glob] of fitted.entries()) {
    const matching = candidates.filter((segments) => glob.matches(segments[position] as string));
    if (matching.length === 0 && candidates.length > 0) {
      const values = new Set(candidates.map((segments) => segments[position] as string));
      return { fact: `no node matches "${text}"`, fix: suggestValue(`"${names[position]}"`, glob.text, [...values]) };
    }
    candidates = matching;
  }
  return {
    fact: `no node matches "${text}"`,
    fix: 'the stage has no nodes: give every coordinate of it at least one value',
  };
}

/** A value similar to a misspelt one, or the existing values. A number is never a misspelling of another number. */
export function suggestValue(coordinate: string, wanted: string, values: readonly string[]): string {
  const nearest = /^-?[\d.]+$/.test(wanted) ? undefined : nearestName(wanted, values);
  if (nearest !== undefined) return `${coordinate}: did you mean "${nearest}"?`;
  const shown =
    values.length <= 12 ? values.join(', ') : `${values.slice(0, 5).join(', ')}, … ${values[values.length - 1]}`;
  return `${coordinate} is one of ${shown}`;
}
