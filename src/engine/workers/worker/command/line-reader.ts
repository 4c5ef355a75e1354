const NEWLINE = 10;
/** The protocol's lines have at most 4096 bytes. */
const LONGEST_LINE = 8192;

/** Divides bytes that come in pieces into lines. A longer line than the protocol allows is left out. */
export class LineReader {
  private readonly tell: (line: Buffer) => void;
  /** The beginning of a line. */
  private part = Buffer.alloc(0);
  private isTooLong = false;

  constructor(tell: (line: Buffer) => void) {
    this.tell = tell;
  }

  take(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.add(bytes.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.add(bytes.subarray(start));
  }

  /** Ends the present line. */
  end(): void {
    const line = this.part;
    const isWhole = !this.isTooLong;
    this.drop();
    if (isWhole && line.length > 0) this.tell(line);
  }

  /** Forgets the present line. */
  drop(): void {
    this.part = Buffer.alloc(0);
    this.isTooLong = false;
  }

  private add(bytes: Buffer): void {
    if (this.isTooLong || bytes.length === 0) return;
    this.isTooLong = this.part.length + bytes.length > LONGEST_LINE;
    // A copy: the caller uses its memory again.
    this.part = this.isTooLong ? Buffer.alloc(0) : Buffer.concat([this.part, bytes]);
  }
}
