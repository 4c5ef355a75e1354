import type { JobListener } from './executor.ts';
import { masked } from './masked.ts';
import type { Environment } from './worker-environment.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A line that is longer is told in parts. */
const LONGEST_LINE = 4096;

const LINE_ENDS = [0x0a, 0x0d];

/** Tells what a job prints while it runs: whole lines, so that no secret is cut in two and not recognised. */
export class LiveOutput {
  private readonly secrets: readonly string[];
  private readonly environment: Environment;
  private readonly say: NonNullable<JobListener['output']>;
  /** The longest secret, in bytes of UTF-8. */
  private readonly longest: number;
  private told = 0;

  constructor(secrets: readonly string[], environment: Environment, say: NonNullable<JobListener['output']>) {
    this.secrets = secrets;
    this.environment = environment;
    this.say = say;
    this.longest = Math.max(0, ...this.values.map((value) => 3 * Buffer.byteLength(value)));
  }

  tell(process: Pick<WorkerProcess, 'printedBytes' | 'printedSince'>): void {
    const { printedBytes } = process;
    // Its lines would be told apart.
    if (this.values.some((value) => /[\r\n]/.test(value))) return;
    // The file was cut down, or emptied by a program.
    if (printedBytes < this.told) this.told = 0;
    if (printedBytes === this.told) return;
    const end = process.printedSince(this.told);
    const omitted = Math.max(0, printedBytes - this.told - end.length);
    // The first bytes after a gap may be the end of a secret.
    const from = omitted > 0 ? this.longest : 0;
    const to = this.endOfLines(end);
    if (to <= from) return;
    this.told = printedBytes - (end.length - to);
    this.say(masked(end.subarray(from, to).toString('utf8'), this.secrets, this.environment), omitted + from);
  }

  private endOfLines(bytes: Buffer): number {
    const whole = Math.max(...LINE_ENDS.map((each) => bytes.lastIndexOf(each))) + 1;
    return bytes.length - whole > LONGEST_LINE ? bytes.length - this.longest : whole;
  }

  private get values(): readonly string[] {
    return this.secrets.map((name) => this.environment[name] ?? '');
  }
}
