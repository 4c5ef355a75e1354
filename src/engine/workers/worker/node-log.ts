import { fstatSync, ftruncateSync, realpathSync, writeSync } from 'node:fs';
import { masked } from '../masked.ts';
import { OUTPUT_LIMIT, readOutput } from '../output-file.ts';
import type { Environment } from '../worker-environment.ts';

/** Standard output and standard error are the same file. */
const OUTPUT = 1;

/**
 * Everything that is printed while a node runs: by the stage, its libraries, native code, and the programs that they start. The file
 * holds it in order, and the parent reads it there if this process dies.
 */
export class NodeLog {
  private readonly environment: Environment;
  private readonly isSpeaking: () => boolean;
  private secrets: readonly string[] = [];
  private folders: readonly string[] = [];
  /** The end of what was found in the file so far: a program that opens /dev/stderr empties it. */
  private found: Uint8Array[] = [];
  private length = 0;
  private seen = 0;
  /** Whether something older than `found` was left out. */
  private isCut = false;

  /** @param isSpeaking whether the present output belongs to the node that runs, and not to an earlier one */
  constructor(environment: Environment, isSpeaking: () => boolean) {
    this.environment = environment;
    this.isSpeaking = isSpeaking;
    for (const stream of [process.stdout, process.stderr]) {
      stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
        this.print(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        const done = typeof encoding === 'function' ? encoding : callback;
        if (typeof done === 'function') done();
        return true;
      }) as typeof stream.write;
    }
  }

  begin(secrets: readonly string[]): void {
    this.secrets = secrets;
    this.folders = [];
    this.found = [];
    this.length = 0;
    this.isCut = false;
    this.seen = 0;
    if (fstatSync(OUTPUT).size > 0) ftruncateSync(OUTPUT);
  }

  /** Paths in this folder are told relative to it: only this node has it, and none of its files is there later. */
  startsIn(folder: string): void {
    // Programs know their folder with all links followed.
    this.folders = [realpathSync.native(folder), folder];
  }

  line(text: string): void {
    this.print(Buffer.from(`${text}\n`));
  }

  read(): string {
    this.take();
    const longest = Math.max(0, ...this.secrets.map((name) => (this.environment[name] ?? '').length));
    // A secret that was cut in two would not be recognised.
    const found = this.cut();
    const whole = this.isCut ? found.subarray(longest) : found;
    const text = masked(whole.toString('utf8'), this.secrets, this.environment);
    return this.folders.reduce((rest, folder) => rest.replaceAll(`${folder}/`, ''), text);
  }

  /** Texts of messages about the node. */
  mask(text: string): string {
    return masked(text, this.secrets, this.environment);
  }

  private print(bytes: Uint8Array): void {
    if (!this.isSpeaking()) return;
    try {
      writeSync(OUTPUT, bytes);
    } catch {
      // The disk has no room for it: it is kept here at least, after what was printed before.
      this.take();
      this.keep(bytes);
    }
    this.take();
  }

  private take(): void {
    const { size } = fstatSync(OUTPUT);
    if (size === this.seen) return;
    const from = size < this.seen ? 0 : this.seen;
    if (size - from > OUTPUT_LIMIT) this.isCut = true;
    this.keep(readOutput(OUTPUT, from));
    this.seen = size;
  }

  private keep(bytes: Uint8Array): void {
    this.found.push(bytes);
    this.length += bytes.length;
    if (this.length > 2 * OUTPUT_LIMIT) this.cut();
  }

  /** All that is kept, in one piece. */
  private cut(): Buffer {
    const all = Buffer.concat(this.found);
    if (all.length > OUTPUT_LIMIT) this.isCut = true;
    const end = all.subarray(-OUTPUT_LIMIT);
    this.found = [end];
    this.length = end.length;
    return end;
  }
}
