import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Observer } from '../observer.ts';
import { LineReader } from './line-reader.ts';
import { parseProgramEvent } from './parse-program-event.ts';

const INTERVAL_MS = 250;
const CHUNK_BYTES = 64 * 1024;
/** At one time: then other messages come first. */
const TURN_BYTES = 4 * 1024 * 1024;

type Told = Pick<Observer, 'progress' | 'metric'>;

/**
 * Follows the file of events that a program writes, and tells progress and metrics. @returns what ends it: it reads what is left of the file.
 */
export function followEvents(path: string, told: Told): () => Promise<void> {
  const file = new EventsFile(path, told);
  const timer = setInterval(() => file.read(), INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    while (file.read()) await nextTurn();
    file.end();
  };
}

/** The file, of any length, in bounded memory. */
class EventsFile {
  private readonly path: string;
  private readonly told: Told;
  private readonly lines: LineReader;
  private chunk: Buffer | undefined;
  private position = 0;

  constructor(path: string, told: Told) {
    this.path = path;
    this.told = told;
    this.lines = new LineReader((line) => this.tell(line));
  }

  /** Reads on. @returns whether there is more */
  read(): boolean {
    // Most programs write none: an error for a file that is not there would cost more than the rest of this.
    if (!statSync(this.path, { throwIfNoEntry: false })?.isFile()) return false;
    let descriptor: number | undefined;
    try {
      // A pipe in its place must not be waited for.
      descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) return false;
      if (stats.size < this.position) {
        // The program has begun the file again.
        this.position = 0;
        this.lines.drop();
      }
      const until = Math.min(stats.size, this.position + TURN_BYTES);
      this.chunk ??= Buffer.allocUnsafe(CHUNK_BYTES);
      while (this.position < until) {
        const length = readSync(descriptor, this.chunk, 0, Math.min(CHUNK_BYTES, until - this.position), this.position);
        if (length === 0) return false;
        this.position += length;
        this.lines.take(this.chunk.subarray(0, length));
      }
      return until < stats.size;
    } catch {
      return false;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** The last line may have no end. */
  end(): void {
    this.lines.end();
  }

  private tell(line: Buffer): void {
    const event = parseProgramEvent(line);
    if (event?.kind === 'progress') this.told.progress(event.fraction);
    else if (event) this.told.metric(event.name, event.value, event.step, event.time);
  }
}
