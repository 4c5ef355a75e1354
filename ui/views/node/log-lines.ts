import type { LogPart } from '../../../src/engine/views/live/protocol.ts';

/** Lines of a log that the page holds: a part of it, without gaps. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Bytes: where the first line begins, and what comes after the last one. */
  readonly start: number;
  readonly next: number;
  readonly end: number;
  /** Bytes before this are not kept by the server. */
  readonly first: number;
  /** The last line has no end yet. */
  readonly isOpen: boolean;
}

/** More lines than anybody reads; a log of a gigabyte must not fill the page's memory. */
export const MOST_LINES = 50_000;

/** The lines of a first part. Unless it begins with the log, its first line is the rest of one, which is left out with the next older part. */
export function linesOf(part: LogPart): LogLines {
  const { lines, isOpen } = split(part.text);
  return { lines, start: part.offset, next: part.next, end: part.end, first: part.first, isOpen };
}

/** The log with a newer part at its end. A part that does not join is ignored. */
export function appendPart(log: LogLines, part: LogPart): LogLines {
  if (part.offset !== log.next) return log;
  if (part.text === '') return { ...log, next: part.next, end: part.end, first: part.first };
  const news = split(part.text);
  const kept = log.isOpen ? log.lines.slice(0, -1) : log.lines;
  const joined = log.isOpen ? [`${log.lines.at(-1)}${news.lines[0] ?? ''}`, ...news.lines.slice(1)] : news.lines;
  const lines = [...kept, ...joined];
  const dropped = Math.max(0, lines.length - MOST_LINES);
  return {
    lines: dropped === 0 ? lines : lines.slice(dropped),
    start: log.start + lines.slice(0, dropped).reduce((bytes, line) => bytes + byteLength(line) + 1, 0),
    next: part.next,
    end: part.end,
    first: part.first,
    isOpen: news.isOpen,
  };
}

/** The log with an older part at its beginning. */
export function prependPart(log: LogLines, part: LogPart): LogLines {
  if (part.next !== log.start || part.text === '') return log;
  const { lines, isOpen } = split(part.text);
  // Where the older part ends within a line, the rest of that line is our first.
  const joined = isOpen
    ? [...lines.slice(0, -1), `${lines.at(-1)}${log.lines[0] ?? ''}`, ...log.lines.slice(1)]
    : [...lines, ...log.lines];
  return {
    ...log,
    lines: joined,
    start: part.offset,
    first: part.first,
    isOpen: log.lines.length === 0 ? isOpen : log.isOpen,
  };
}

function split(text: string): { readonly lines: readonly string[]; readonly isOpen: boolean } {
  if (text === '') return { lines: [], isOpen: false };
  const lines = text.split('\n');
  const isOpen = lines.at(-1) !== '';
  return { lines: isOpen ? lines : lines.slice(0, -1), isOpen };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A line as it would stand in a terminal at last: without escape sequences, and with what was written over others. */
export function readableLine(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of terminals begin with one.
  const plain = line.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '');
  const ended = plain.replace(/\r+$/, '');
  return ended.slice(ended.lastIndexOf('\r') + 1);
}
