import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { NodeId } from '../../plan/plan.ts';
import type { FailedAttempt, LastFailure } from '../failed-attempt.ts';
import { decodedOr, decodeJson, encodeJson, nameKey } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

/** Call everything that writes inside a transaction. */
export interface FailureTables {
  put(run: string, failures: readonly FailedAttempt[]): void;
  forget(run: string): void;
  of(run: string, node: NodeId): readonly FailedAttempt[];
  last(node: NodeId): LastFailure | undefined;
}

/**
 * @param attempts by run, node and number of the attempt
 * @param latest by node
 */
export function lmdbFailures(attempts: SealedTable, latest: SealedTable): FailureTables {
  return {
    put(run, failures) {
      for (const failure of failures) {
        const { node, key, attempt, startedAt, cause, diagnostic } = failure;
        attempts.put(attemptKey(run, node, attempt), deflateRawSync(JSON.stringify(failure), { level: 1 }));
        const last: LastFailure = { run, key, attempt, startedAt, cause, diagnostic };
        latest.put(nameKey(node), encodeJson(last));
      }
    },

    forget(run) {
      const range = { start: Buffer.from(`${run}/`), end: Buffer.from(`${run}0`) };
      for (const key of [...attempts.keys(range)]) attempts.remove(key);
    },

    of(run, node) {
      const range = { start: attemptKey(run, node, 0), end: attemptKey(run, node, 2 ** 32 - 1) };
      return [...attempts.entries(range)].flatMap(
        ({ value }) => decodedOr(() => JSON.parse(inflateRawSync(value).toString()) as FailedAttempt) ?? [],
      );
    },

    last(node) {
      const found = latest.get(nameKey(node));
      return found && decodedOr(() => decodeJson<LastFailure>(found));
    },
  };
}

function attemptKey(run: string, node: NodeId, attempt: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(attempt);
  return Buffer.concat([Buffer.from(`${run}/`), nameKey(node), number]);
}
