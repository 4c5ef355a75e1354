/** How much of a node's log is kept: the end, where errors are. */
const LIMIT = 64 * 1024;

/** Collects what a stage logs, and what it and its libraries print, for the record of the node that is running. */
export class LogCapture {
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
  }

  read(): string {
    return this.text;
  }

  clear(): void {
    this.text = '';
  }
}
