import { RemoteProblem } from './remotes/remote.ts';

/** So many failures in a row, and nobody asks any more. */
const FAILURES = 3;

/** Milliseconds after which somebody tries again. */
const PAUSE_MS = 60_000;

/** Look-ups may cost this many seconds, and this part of the time since the first of them, beyond what they save. */
const FREE_SECONDS = 1.5;
const PART_OF_TIME = 0.03;

/** Starting and committing a node takes this long in addition to its stage. */
const SECONDS_OF_NODE = 0.005;

export type Use = 'read' | 'write';

/** Decides whether a remote is asked at all: one that is down, slow or closed must not hold up a run. It warns once for each use. */
export class Health {
  private readonly warn: (fact: string) => void;
  private readonly isPatient: boolean;
  private readonly now: () => number;
  private readonly start: number;
  private readonly closed = new Map<Use, number>();
  private readonly warned = new Set<Use>();
  private failures = 0;
  private cost = 0;
  private saved = 0;

  /**
   * @param isPatient whether look-ups may take as long as they take
   * @param now milliseconds, growing
   */
  constructor(warn: (fact: string) => void, isPatient: boolean, now: () => number = () => performance.now()) {
    this.warn = warn;
    this.isPatient = isPatient;
    this.now = now;
    this.start = now();
  }

  /** Whether it may be asked. */
  isOpen(use: Use): boolean {
    const until = this.closed.get(use);
    return until === undefined || this.now() >= until;
  }

  /** A request was answered, with whatever. */
  answered(): void {
    this.failures = 0;
    this.closed.clear();
  }

  /** A request failed. */
  failed(use: Use, error: unknown): void {
    const fact = (error as Error).message;
    if (error instanceof RemoteProblem && error.kind === 'refused') this.close(use, Number.POSITIVE_INFINITY, fact);
    else if (++this.failures >= FAILURES || this.warned.has(use)) {
      this.close('read', this.now() + PAUSE_MS, fact);
      this.close('write', this.now() + PAUSE_MS, fact);
    }
  }

  /**
   * A look-up has ended.
   * @param seconds that it took, divided by how many were under way
   * @param saved the seconds that its result took to make; undefined if nothing was found
   */
  lookedUp(seconds: number, saved: number | undefined): void {
    this.cost += seconds;
    if (saved !== undefined) this.saved += saved + SECONDS_OF_NODE;
    if (this.isPatient) return;
    const elapsed = (this.now() - this.start) / 1000;
    if (this.cost < FREE_SECONDS + elapsed * PART_OF_TIME + this.saved) return;
    this.close('read', Number.POSITIVE_INFINITY, `its answers take longer than they save (${this.cost.toFixed(1)} s)`);
  }

  private close(use: Use, until: number, fact: string): void {
    this.closed.set(use, until);
    const isNew = !this.warned.has('read') && !this.warned.has('write');
    this.warned.add(use);
    if (isNew) this.warn(fact);
  }
}
