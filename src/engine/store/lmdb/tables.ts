import type { Database } from 'lmdb';
import { type SealedTable, sealedTable } from './sealed-table.ts';

type Table = Database<Buffer, Buffer>;

/** The tables of a cache. The notes are opened before them: they say whether this release can read the others. */
export type Tables = ReturnType<typeof openTables> & { readonly notes: SealedTable };

export function openTables(table: (name: string) => Table) {
  const sealed = (name: string) => sealedTable(name, table(name));
  return {
    // Their keys are digests, or their values have a checksum: they need no seal.
    artefacts: table('artefacts'),
    quarantine: table('quarantine'),
    traces: table('traces'),
    blobs: sealed('blobs'),
    directories: sealed('directories'),
    parts: sealed('parts'),
    packed: sealed('packed'),
    packs: sealed('packs'),
    records: sealed('records'),
    lastKeys: sealed('lastKeys'),
    runs: sealed('runs'),
    manifests: sealed('manifests'),
    resolutions: sealed('resolutions'),
    journals: sealed('journals'),
    failures: sealed('failures'),
    lastFailures: sealed('lastFailures'),
    stamps: sealed('stamps'),
    code: sealed('code'),
    metrics: sealed('metrics'),
    traceLists: sealed('traceLists'),
  };
}
