import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isJsonObject } from '../../../base/json.ts';

const INTERVAL_MS = 250;

/** A program may write any number of lines: only the last ones say how far it is. */
const READ_BYTES = 64 * 1024;

/** Follows the file of events that a program writes, and tells its progress. @returns what ends it */
export function followProgress(file: string, tell: (fraction: number) => void): () => void {
  let seen = 0;
  const timer = setInterval(() => {
    const { text, size } = readFrom(file, seen);
    const end = text.lastIndexOf('\n') + 1;
    seen = size - (text.length - end);
    const fraction = lastFraction(text.slice(0, end));
    if (fraction !== undefined) tell(fraction);
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

/** The fraction of the last line that has one. Lines that are no progress are left out, whatever they hold. */
export function lastFraction(lines: string): number | undefined {
  for (const line of lines.split('\n').reverse()) {
    if (!line.includes('progress')) continue;
    try {
      const event: unknown = JSON.parse(line);
      if (!isJsonObject(event) || event.event !== 'progress' || typeof event.fraction !== 'number') continue;
      if (event.fraction >= 0 && event.fraction <= 1) return event.fraction;
    } catch {
      // Part of a line, or of something else.
    }
  }
  return undefined;
}

/** What was added since a position, at most its end. */
function readFrom(file: string, position: number): { readonly text: string; readonly size: number } {
  let descriptor: number | undefined;
  try {
    // A pipe in its place must not be waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size <= position) return { text: '', size: position };
    const start = Math.max(position, stats.size - READ_BYTES);
    const bytes = Buffer.alloc(stats.size - start);
    const length = readSync(descriptor, bytes, 0, bytes.length, start);
    return { text: bytes.toString('latin1', 0, length), size: start + length };
  } catch {
    return { text: '', size: position };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
