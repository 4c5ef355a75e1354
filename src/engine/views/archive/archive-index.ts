import { parseJsonObject } from '../../base/json.ts';
import type { NodeRecord } from '../../store/store.ts';

/** A file in an archive that holds the records of everything in it. */
export const INDEX_FILE = 'vmfdag-archive.json';

const FORMAT = 1;

/** Data from outside of the pipeline: the archive names them, and does not hold them. */
export interface DataReference {
  /** Of the source. */
  readonly name: string;
  /** A path, globs or an address, as the pipeline file has them. */
  readonly from: readonly string[];
  /** SHA-256 of the file; of several files, of their manifest. */
  readonly digest: string;
  readonly bytes: number | null;
}

/** How the files of an archive were made. */
export interface ArchiveIndex {
  readonly pipeline: string;
  readonly profile: string | null;
  readonly set: readonly string[];
  readonly targets: readonly string[];
  /** Of the nodes that made the files, and of all nodes upstream, in the order of the plan. */
  readonly records: readonly NodeRecord[];
  readonly data: readonly DataReference[];
}

export function indexText(index: ArchiveIndex): string {
  return `${JSON.stringify({ format: FORMAT, ...index }, null, 1)}\n`;
}

/** Undefined for a text of something else. */
export function readIndex(text: string): ArchiveIndex | undefined {
  const content = parseJsonObject(text);
  const isIndex = content?.format === FORMAT && Array.isArray(content.records);
  return isIndex ? (content as unknown as ArchiveIndex) : undefined;
}
