import type { Work } from '../staleness/work.ts';

/** What of a plan and a store it takes to find the nodes that have to be made again. */
export interface BytesLookup {
  /** Indices of the nodes whose bytes a node reads and that are not there, each once. */
  lackingSources(work: Work): readonly number[];
  /** The work of making a finished node again. */
  restorationOf(index: number, neededBy: Work | undefined): Work;
}

export interface Admission {
  /** What can be executed now. */
  readonly startable: readonly Work[];
  /** What is to be made again and was not yet; some of it startable, the rest waiting for other restorations. */
  readonly restorations: readonly Work[];
}

/**
 * Lets work wait for bytes that were dropped. The nodes that make those are executed again, and for them the nodes before,
 * back to bytes that are there: of a chain, the steps since the nearest kept one.
 */
export class Restorations {
  private readonly lookup: BytesLookup;
  /** For each node that is being made again, the work that waits for it. */
  private readonly waiting = new Map<number, Work[]>();
  private readonly lacking = new Map<Work, number>();

  constructor(lookup: BytesLookup) {
    this.lookup = lookup;
  }

  /** Takes work in: it is startable if it lacks nothing. */
  admit(work: Work): Admission {
    return this.open([work], []);
  }

  /** Makes a finished node again, if that is not being done. */
  demand(index: number): Admission {
    if (this.waiting.has(index)) return { startable: [], restorations: [] };
    this.waiting.set(index, []);
    const restoration = this.lookup.restorationOf(index, undefined);
    return this.open([restoration], [restoration]);
  }

  private open(open: Work[], restorations: Work[]): Admission {
    const startable: Work[] = [];
    for (const next of open) {
      const sources = this.lookup.lackingSources(next);
      if (sources.length === 0) startable.push(next);
      else this.lacking.set(next, sources.length);
      for (const index of sources) {
        const waiters = this.waiting.get(index);
        if (waiters) {
          waiters.push(next);
          continue;
        }
        this.waiting.set(index, [next]);
        const restoration = this.lookup.restorationOf(index, next);
        restorations.push(restoration);
        open.push(restoration);
      }
    }
    return { startable, restorations };
  }

  /** A node's bytes are back. @returns what no longer waits for anything. */
  complete(index: number): readonly Work[] {
    const ready: Work[] = [];
    for (const work of this.release(index)) {
      const left = (this.lacking.get(work) as number) - 1;
      this.lacking.set(work, left);
      if (left > 0) continue;
      this.lacking.delete(work);
      ready.push(work);
    }
    return ready;
  }

  /** A node cannot be made again. @returns all the work that waits for it, through other restorations too. */
  fail(index: number): readonly Work[] {
    const given = new Set<Work>();
    const failed = [index];
    for (const next of failed) {
      for (const work of this.release(next)) {
        // One that waits for several nodes may have been given up already.
        if (!this.lacking.delete(work)) continue;
        given.add(work);
        if (work.purpose.kind === 'restore') failed.push(work.subject.node.index);
      }
    }
    return [...given];
  }

  private release(index: number): readonly Work[] {
    const waiters = this.waiting.get(index) ?? [];
    this.waiting.delete(index);
    // Given up while it waited.
    return waiters.filter((work) => this.lacking.has(work));
  }
}
