import { randomInt } from 'node:crypto';
import type { Confirmation } from '../store.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import type { RememberedTraces } from './remembered-traces.ts';
import type { SealedTable } from './sealed-table.ts';

const CONFIRMATIONS_KEY = Buffer.from('confirmations');

/** How many are kept; a new request replaces the oldest. */
const KEPT = 32;

/** The largest range of `randomInt`. */
const FRESH_REVISIONS = 2 ** 47;

interface StoredConfirmations {
  /** Counts the results that were removed or replaced. */
  readonly revision: number;
  /** What was confirmed at this revision, by request, the oldest first. */
  readonly confirmations: readonly (readonly [string, Confirmation])[];
}

/** Requests that were confirmed since a result was last removed or replaced. */
export interface Confirmations {
  /** NaN, which equals nothing, when it cannot be read. */
  revision(): number;
  find(request: string): Confirmation | undefined;
  /** Call this and what follows only inside a transaction. */
  put(request: string, confirmation: Confirmation, revision: number): void;
  /** Call it in the transaction that removes or replaces a result, so that both happen or neither. */
  invalidate(): void;
}

/** @param remembered what holds at the present revision too */
export function lmdbConfirmations(meta: SealedTable, remembered: Pick<RememberedTraces, 'clear'>): Confirmations {
  const stored = (): StoredConfirmations => {
    const found = meta.look(CONFIRMATIONS_KEY);
    if (found.kind === 'missing') return { revision: 0, confirmations: [] };
    const decoded = found.kind === 'sound' ? decodedOr(() => decodeJson<StoredConfirmations>(found.value)) : undefined;
    return decoded ?? { revision: Number.NaN, confirmations: [] };
  };
  const write = (next: StoredConfirmations) => meta.put(CONFIRMATIONS_KEY, encodeJson(next));

  return {
    revision: () => stored().revision,
    find: (request) => stored().confirmations.find(([name]) => name === request)?.[1],
    put(request, confirmation, asOf) {
      const { revision, confirmations } = stored();
      if (Number.isNaN(revision)) write({ revision: freshRevision(), confirmations: [] });
      if (asOf !== revision) return;
      const others = confirmations.filter(([name]) => name !== request);
      write({ revision, confirmations: [...others, [request, confirmation] as const].slice(-KEPT) });
    },
    invalidate() {
      const { revision } = stored();
      remembered.clear();
      write({ revision: Number.isNaN(revision) ? freshRevision() : revision + 1, confirmations: [] });
    },
  };
}

/** Replaces a damaged revision: it must differ from any that a process may have read before. */
function freshRevision(): number {
  return randomInt(FRESH_REVISIONS);
}
