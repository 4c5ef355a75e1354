import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isFailure } from '../../base/failure.ts';
import { readRegularFile } from '../../base/regular-file.ts';
import { type ArchiveIndex, INDEX_FILE, readIndex } from '../../views/archive/archive-index.ts';

const LARGEST_INDEX = 1 << 30;

/** The records of the unpacked archive that a path is in; undefined where it is in none. */
export function archiveAround(path: string): ArchiveIndex | undefined {
  if (!existsSync(path)) return undefined;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const file = join(folder, INDEX_FILE);
    if (existsSync(file)) {
      try {
        return readIndex(readRegularFile(file, LARGEST_INDEX).toString('utf8'));
      } catch (error) {
        if (isFailure(error)) return undefined;
        throw error;
      }
    }
    if (dirname(folder) === folder) return undefined;
  }
}
