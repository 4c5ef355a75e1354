import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';

/** Collects what is wrong, so that one run tells all of it. */
export class Problems {
  readonly #found = new Map<string, { diagnostic: Diagnostic; times: number }>();

  /** The same thing found in the same place again (by another node) is counted, not listed. */
  add(diagnostic: Diagnostic): void {
    const { range, fact } = diagnostic;
    const key = range ? `${range.line}:${range.column}` : fact;
    const same = this.#found.get(key);
    if (same) {
      if (same.diagnostic.fact !== fact) same.times++;
    } else this.#found.set(key, { diagnostic, times: 0 });
  }

  /** Runs `work`; what it throws as a usage failure is collected. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.collect(error);
      return undefined;
    }
  }

  /** Takes what was thrown as a usage failure, and throws anything else again. */
  collect(error: unknown): void {
    if (!(error instanceof Failure) || error.kind !== 'usage') throw error;
    for (const diagnostic of error.diagnostics) this.add(diagnostic);
  }

  get any(): boolean {
    return this.#found.size > 0;
  }

  /** @throws {Failure} with everything found so far, in the order of the file. */
  throwIfAny(): void {
    if (!this.any) return;
    const diagnostics = [...this.#found.values()].map(({ diagnostic, times }) =>
      times === 0 ? diagnostic : { ...diagnostic, fact: `${diagnostic.fact} (and ${times} more like it)` },
    );
    const line = ({ range }: Diagnostic) => range?.line ?? 0;
    const column = ({ range }: Diagnostic) => range?.column ?? 0;
    throw new Failure(
      'usage',
      diagnostics.sort((a, b) => line(a) - line(b) || column(a) - column(b)),
    );
  }
}
