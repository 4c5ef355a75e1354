import { expect } from 'vitest';
import type { ArtefactDigest } from '../../../../src/engine/base/digest.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { outputDigests } from '../../../../src/engine/store/output-order.ts';
import { verifyStore } from '../../../../src/engine/store/verify.ts';

/**
 * Reads all that a cache holds: every record has its trace, the bytes of every output are there, except for those that `retain` evicts,
 * and all bytes have the digests that they are kept under.
 *
 * @returns the digests of the bytes that are there.
 */
export async function checkStore(directory: string): Promise<ReadonlySet<ArtefactDigest>> {
  const store = openStore(directory);
  try {
    expect(verifyStore(store).damage).toEqual([]);
    const there = new Set<ArtefactDigest>();
    const missing: string[] = [];
    for (const record of store.records()) {
      expect(store.trace(record.key)?.outputs, `the trace of ${record.node}`).toEqual(outputDigests(record));
      for (const [name, { digest }] of Object.entries(record.outputs)) {
        const mayGo = record.stage === 'step' && name === 'state';
        if (there.has(digest)) continue;
        if (store.hasArtefact(digest)) there.add(digest);
        else if (!mayGo) missing.push(`${record.node}.${name}`);
      }
    }
    expect(missing, 'outputs whose bytes are not in the store').toEqual([]);
    return there;
  } finally {
    await store.close();
  }
}
