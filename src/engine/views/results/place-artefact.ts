import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import type { Store } from '../../store/store.ts';

/**
 * Writes a large file or a directory from the cache, which is never in memory. A file is replaced in one step; what a folder replaces has to be
 * moved away in between.
 * @param isReplaced whether a folder stands there that may be removed
 * @throws {Failure} kind `environment` when the file system refuses
 */
export async function placeArtefact(
  place: string,
  digest: ArtefactDigest,
  store: Pick<Store, 'files'>,
  isReplaced = false,
): Promise<void> {
  const folder = dirname(place);
  const part = join(folder, `.vmfdag-${randomBytes(6).toString('hex')}.part`);
  const old = `${part}.old`;
  try {
    makeFolder(folder);
    await store.files.give(digest, part, 'own');
    if (isReplaced) renameSync(place, old);
    renameSync(part, place);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const fact = `cannot write ${place} (${(error as Error).message})`;
    const fix = 'make room, or make the folder writable, and run again: the artefact is in the cache';
    throw new Failure('environment', { fact, fix }, { cause: error });
  } finally {
    rmSync(part, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}
