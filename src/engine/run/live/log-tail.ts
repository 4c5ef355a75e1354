/** How much of a log is kept, and how large its file may become before it is written again. */
const KEPT_BYTES = 64 * 1024;
const LARGEST_FILE = 256 * 1024;

/** Bytes for the file of a log: at its end, or instead of it. */
export interface LogPiece {
  readonly bytes: Buffer;
  readonly isAppended: boolean;
}

/** The end of a node's log while it runs. */
export class LogTail {
  /** The end of all that was told. */
  private tail = Buffer.alloc(0);
  private fresh: Buffer[] = [];
  /** Bytes before the tail. */
  private omitted = 0;
  private inFile = 0;
  isWritten = false;

  /** @param omitted bytes before the text that were left out */
  add(text: string, omitted: number): void {
    const bytes = Buffer.from(text);
    if (omitted > 0) {
      this.omitted += this.tail.length + omitted;
      this.tail = Buffer.alloc(0);
      this.fresh = [];
      this.inFile = LARGEST_FILE + 1;
    }
    this.fresh.push(bytes);
    const all = Buffer.concat([this.tail, bytes]);
    const cut = Math.max(0, all.length - KEPT_BYTES);
    this.tail = all.subarray(cut);
    this.omitted += cut;
  }

  /** What to write; undefined where there is nothing new. */
  take(): LogPiece | undefined {
    if (this.fresh.length === 0) return undefined;
    const bytes = Buffer.concat(this.fresh);
    this.fresh = [];
    if (this.isWritten && this.inFile + bytes.length <= LARGEST_FILE) {
      this.inFile += bytes.length;
      return { bytes, isAppended: true };
    }
    this.isWritten = true;
    this.inFile = this.tail.length;
    return { bytes: Buffer.concat([Buffer.from(`${this.omitted}\n`), this.tail]), isAppended: false };
  }
}
