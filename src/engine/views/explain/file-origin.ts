import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { readRegularFile } from '../../base/regular-file.ts';
import { digestOfFile } from '../../store/blobs/file-bytes.ts';
import { digestOfFolder } from '../../store/directories/digest-of-folder.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { unmarkFigure } from '../results/figure-mark.ts';
import { LARGEST_FIGURE_BYTES } from '../results/held-artefact.ts';
import { MANIFEST_FILE, type ResultEntry, readResultsManifest } from '../results/results-manifest.ts';

/** Where the bytes of a file come from, as far as the cache and the manifest of a results folder know. */
export interface FileOrigin {
  /** The digest of the file's bytes, without the mark of a figure. */
  readonly digest: ArtefactDigest;
  /** What a figure's own mark says. */
  readonly mark: string | undefined;
  /** What a run wrote to this path; undefined for a file that is no result, such as a copy elsewhere. */
  readonly written: ResultEntry | undefined;
  /** How these bytes were made: under the key that was written, or else the last time. */
  readonly record: NodeRecord | undefined;
  readonly output: string | undefined;
  /** Other nodes that gave the same bytes. */
  readonly others: readonly NodeRecord[];
}

/** The digest of what a path holds, and what a figure says of itself. A folder and a large file are never in memory. */
function identityOf(path: string): Pick<FileOrigin, 'digest' | 'mark'> {
  const found = statSync(path);
  if (found.isDirectory()) return { digest: digestOfFolder(path), mark: undefined };
  if (found.isFile() && found.size > LARGEST_FIGURE_BYTES) return { digest: digestOfFile(path), mark: undefined };
  const bytes = readRegularFile(path, LARGEST_FIGURE_BYTES);
  const unmarked = unmarkFigure(bytes);
  return { digest: digestBytes<ArtefactDigest>(unmarked?.bytes ?? bytes), mark: unmarked?.text };
}

/** Looks up a file or a folder by its place in a folder of results, and by its bytes, which are the same in every copy. */
export function originOf(path: string, store: Pick<Store, 'records'>): FileOrigin {
  const { digest, mark } = identityOf(path);
  const written = entryOf(resolve(path));
  const makers = [...store.records()]
    .filter((record) => outputNamed(record, digest) !== undefined)
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const record = makers.find(({ key }) => key === written?.key) ?? makers[0];
  const others = new Map(makers.map((each) => [each.node, each]));
  if (record) others.delete(record.node);
  return {
    digest,
    mark,
    written,
    record,
    output: record && outputNamed(record, digest),
    others: [...others.values()],
  };
}

function outputNamed({ outputs }: NodeRecord, digest: ArtefactDigest): string | undefined {
  return Object.entries(outputs).find(([, output]) => output.digest === digest)?.[0];
}

/** The entry of the nearest manifest in a folder above. */
function entryOf(file: string): ResultEntry | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, MANIFEST_FILE))) {
      const path = relative(folder, file).split(sep).join('/');
      return readResultsManifest(folder).find((entry) => entry.path === path);
    }
    if (dirname(folder) === folder) return undefined;
  }
}
