import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** In one read. */
const CHUNK_BYTES = 1024 * 1024;

/** A line of a file, and the position after it. */
export interface FollowedLine {
  readonly text: string;
  readonly end: number;
}

/** Reads what is appended to a file of lines. The last line counts when it is whole. */
export class FileFollower {
  private readonly file: string;
  private offset = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.file = file;
  }

  /** The lines since the last time; undefined where the file is not there. A file that has become shorter is read again. */
  read(): readonly FollowedLine[] | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(this.file, 'r');
    } catch {
      return undefined;
    }
    try {
      const { size } = fstatSync(descriptor);
      if (size < this.offset) {
        this.offset = 0;
        this.rest = Buffer.alloc(0);
      }
      const lines: FollowedLine[] = [];
      while (this.offset < size) {
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - this.offset));
        const length = readSync(descriptor, chunk, 0, chunk.length, this.offset);
        if (length === 0) break;
        this.take(chunk.subarray(0, length), lines);
      }
      return lines;
    } finally {
      closeSync(descriptor);
    }
  }

  private take(chunk: Buffer, lines: FollowedLine[]): void {
    const all = Buffer.concat([this.rest, chunk]);
    const begin = this.offset - this.rest.length;
    this.offset += chunk.length;
    let from = 0;
    for (let to = all.indexOf(0x0a); to >= 0; to = all.indexOf(0x0a, from)) {
      lines.push({ text: all.toString('utf8', from, to), end: begin + to + 1 });
      from = to + 1;
    }
    this.rest = all.subarray(from);
  }
}
