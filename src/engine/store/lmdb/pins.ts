import type { Pin } from '../pin.ts';
import { decodedOr, decodeJson, encodeJson, nameKey } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

const PREFIX = Buffer.from('pin/');
/** Sorts after everything that begins with the prefix. */
const END = Buffer.from('pin0');

/** Pins, by name. Change them only inside a transaction. */
export interface Pins {
  all(): readonly Pin[];
  put(pin: Pin): void;
  remove(name: string): void;
}

export function lmdbPins(notes: SealedTable): Pins {
  const keyOf = (name: string) => Buffer.concat([PREFIX, nameKey(name)]);
  return {
    all: () =>
      [...notes.entries({ start: PREFIX, end: END })]
        .flatMap(({ value }) => decodedOr(() => decodeJson<Pin>(value)) ?? [])
        .sort((a, b) => (a.since < b.since ? -1 : 1)),
    put: (pin) => notes.put(keyOf(pin.name), encodeJson(pin)),
    remove: (name) => notes.remove(keyOf(name)),
  };
}
