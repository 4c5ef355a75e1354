import type { Database } from 'lmdb';
import type { Confirmation } from '../store.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';

const REVISION_KEY = Buffer.from('revision');
const CONFIRMATIONS_KEY = Buffer.from('confirmations');

/** The latest ones; a run of another request pushes out the oldest. */
const KEPT = 32;

interface StoredConfirmations {
  readonly revision: number;
  /** By request, the oldest first. */
  readonly confirmations: readonly (readonly [string, Confirmation])[];
}

/** What was confirmed of requests since a result was last removed or replaced. */
export interface Confirmations {
  revision(): number;
  find(request: string): Confirmation | undefined;
  /** Only inside a transaction, as is what follows. */
  put(request: string, confirmation: Confirmation, revision: number): void;
  /** To be called in the transaction that removes or replaces a result: so neither is ever there without the other. */
  invalidate(): void;
}

export function lmdbConfirmations(meta: Database<Buffer, Buffer>): Confirmations {
  const revision = (): number => {
    const found = meta.get(REVISION_KEY);
    return found ? decodeJson<number>(found) : 0;
  };

  const current = (): StoredConfirmations['confirmations'] => {
    const found = meta.get(CONFIRMATIONS_KEY);
    const stored = found && decodedOr(() => decodeJson<StoredConfirmations>(found));
    return stored?.revision === revision() ? stored.confirmations : [];
  };

  return {
    revision,
    find: (request) => current().find(([name]) => name === request)?.[1],
    put(request, confirmation, asOf) {
      if (asOf !== revision()) return;
      const others = current().filter(([name]) => name !== request);
      const confirmations = [...others, [request, confirmation] as const].slice(-KEPT);
      meta.put(CONFIRMATIONS_KEY, encodeJson({ revision: asOf, confirmations } satisfies StoredConfirmations));
    },
    invalidate: () => void meta.put(REVISION_KEY, encodeJson(revision() + 1)),
  };
}
