import type { BigIntStats, Stats } from 'node:fs';

export type FileKind = 'file' | 'folder' | 'link' | 'pipe' | 'socket' | 'device';

/** The kind of a file. With `lstat` a link is a link; with `stat` it is what the link leads to. */
export function fileKind(stats: Stats | BigIntStats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}
