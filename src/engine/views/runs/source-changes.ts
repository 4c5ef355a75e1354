import { type ArtefactDigest, type CodeFingerprint, shortDigest } from '../../base/digest.ts';
import { contentOfFingerprint } from '../../sources/source-fingerprint.ts';
import { describeFiles } from '../../staleness/describe-files.ts';
import { DirectoryChanges, type FileChanges } from '../../staleness/directory-changes.ts';
import type { Store } from '../../store/store.ts';

/** A source that held something else in another run. */
export interface SourceChange {
  readonly source: string;
  readonly old: ArtefactDigest;
  readonly new: ArtefactDigest;
  /** Of a directory whose two manifests are in the cache. */
  readonly files?: FileChanges;
}

/** How a source differs between two runs; undefined for a stage. A fingerprint of code is the digest of no artefact. */
export function sourceChange(
  name: string,
  old: CodeFingerprint,
  now: CodeFingerprint,
  store: Store,
): SourceChange | undefined {
  const [was, is] = [contentOfFingerprint(old), contentOfFingerprint(now)];
  if (!store.hasArtefact(was) && !store.hasArtefact(is)) return undefined;
  const files = new DirectoryChanges(new Map()).between(was, is, store);
  return { source: name, old: was, new: is, ...(files ? { files } : {}) };
}

export function describeSourceChange({ source, old, new: now, files }: SourceChange): string {
  return `${source}${files ? `: ${describeFiles(files)}` : ` ${shortDigest(old)} → ${shortDigest(now)}`}`;
}
