import type { ArtefactDigest, NodeKey } from '../../base/digest.ts';
import type { KeyedTrace } from '../store.ts';
import { nameKey } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

const DIGEST_DIGITS = 64;
/** The revision, the number of traces, and how many outputs each has. */
const HEAD_BYTES = 8 + 4 + 4;

/** How many are kept: those of a few requests. */
const KEPT = 32;

/** Traces of many nodes, each kind in one piece: one read instead of thousands. They hold as long as the revision of the store is the same. */
export interface RememberedTraces {
  find(name: string, revision: number): readonly KeyedTrace[] | undefined;
  /** Call this and what follows only inside a transaction. */
  put(name: string, traces: readonly KeyedTrace[], revision: number): void;
  clear(): void;
}

export function lmdbRememberedTraces(table: SealedTable): RememberedTraces {
  const clear = () => {
    for (const key of [...table.keys()]) table.remove(key);
  };
  return {
    find(name, revision) {
      const found = table.get(nameKey(name));
      return found && found.readDoubleLE(0) === revision ? decode(found) : undefined;
    },
    put(name, traces, revision) {
      if (table.count() >= KEPT) clear();
      table.put(nameKey(name), encode(traces, revision));
    },
    clear,
  };
}

/** The head, then all seconds, all keys, and all outputs. */
function encode(traces: readonly KeyedTrace[], revision: number): Buffer {
  const each = traces[0]?.outputs.length ?? 0;
  const head = Buffer.alloc(HEAD_BYTES + 8 * traces.length);
  head.writeDoubleLE(revision, 0);
  head.writeUInt32LE(traces.length, 8);
  head.writeUInt32LE(each, 12);
  traces.forEach(({ seconds }, index) => {
    head.writeDoubleLE(seconds, HEAD_BYTES + 8 * index);
  });
  const digests = [...traces.map(({ key }) => key), ...traces.flatMap(({ outputs }) => outputs)];
  return Buffer.concat([head, Buffer.from(digests.join(''), 'hex')]);
}

function decode(found: Buffer): readonly KeyedTrace[] {
  const count = found.readUInt32LE(8);
  const each = found.readUInt32LE(12);
  // Parts of one text: a text of its own for each digest would take as long as all else.
  const digits = found.toString('hex', HEAD_BYTES + 8 * count);
  const digest = (index: number) => digits.slice(index * DIGEST_DIGITS, (index + 1) * DIGEST_DIGITS);
  const traces: KeyedTrace[] = [];
  for (let index = 0; index < count; index++) {
    const outputs: ArtefactDigest[] = [];
    for (let output = 0; output < each; output++) {
      outputs.push(digest(count + index * each + output) as ArtefactDigest);
    }
    const seconds = found.readDoubleLE(HEAD_BYTES + 8 * index);
    traces.push({ key: digest(index) as NodeKey, outputs, seconds });
  }
  return traces;
}
