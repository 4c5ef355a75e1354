/** How much of a node's log is kept: the end, where errors are. */
const LIMIT = 64 * 1024;

/**
 * Collects what a stage logs, and what it and its libraries print, for the record of the node that is running. All of it goes
 * to the parent on standard error as well: should this process die, it is the only log there is.
 */
export class LogCapture {
  private readonly passOn = process.stderr.write.bind(process.stderr);
  private text = '';

  /** Diverts this process's output here for good: nothing that a stage prints may break the progress display. */
  constructor() {
    for (const stream of [process.stdout, process.stderr]) {
      stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
        this.append(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
        const done = typeof encoding === 'function' ? encoding : callback;
        if (typeof done === 'function') done();
        return true;
      }) as typeof stream.write;
    }
  }

  append(text: string): void {
    this.text = (this.text + text).slice(-LIMIT);
    this.passOn(text);
  }

  read(): string {
    return this.text;
  }

  clear(): void {
    this.text = '';
  }
}
