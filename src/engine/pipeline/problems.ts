import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';

/** Nobody reads more, and each costs the search for a similar name. */
export const MOST_PLACES = 100;
const MOST_REPEATS = 1000;

const MORE: Diagnostic = { fact: `there may be more: these are the first ${MOST_PLACES}` };

/** Collects errors, so that one run reports all of them. */
export class Problems {
  readonly #found = new Map<string, { diagnostic: Diagnostic; times: number }>();
  #repeats = 0;

  /**
   * The same error in the same place again (for another node) is counted, not listed.
   * @throws {Failure} with everything found so far, once that is more than anyone reads
   */
  add(diagnostic: Diagnostic): void {
    const { range, fact } = diagnostic;
    const key = range ? `${range.line}:${range.column}` : fact;
    const same = this.#found.get(key);
    if (same) {
      if (same.diagnostic.fact !== fact) same.times++;
      if (++this.#repeats >= MOST_REPEATS) this.throwIfAny();
    } else {
      this.#found.set(key, { diagnostic, times: 0 });
      if (this.#found.size >= MOST_PLACES) this.throwIfAny();
    }
  }

  /** Runs `work`, and collects a usage failure that it throws. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.collect(error);
      return undefined;
    }
  }

  /** Collects a usage failure, and throws anything else again. */
  collect(error: unknown): void {
    if (!(error instanceof Failure) || error.kind !== 'usage') throw error;
    for (const diagnostic of error.diagnostics) this.add(diagnostic);
  }

  get any(): boolean {
    return this.#found.size > 0;
  }

  /** @throws {Failure} with everything found so far, in the order of the file */
  throwIfAny(): void {
    if (!this.any) return;
    const least = this.#repeats >= MOST_REPEATS ? 'at least ' : '';
    const diagnostics = [...this.#found.values()].map(({ diagnostic, times }) =>
      times === 0 ? diagnostic : { ...diagnostic, fact: `${diagnostic.fact} (and ${least}${times} more like it)` },
    );
    const line = ({ range }: Diagnostic) => range?.line ?? 0;
    const column = ({ range }: Diagnostic) => range?.column ?? 0;
    diagnostics.sort((a, b) => line(a) - line(b) || column(a) - column(b));
    throw new Failure(
      'usage',
      this.#found.size < MOST_PLACES ? diagnostics : [...diagnostics.filter((each) => each !== MORE), MORE],
    );
  }
}
