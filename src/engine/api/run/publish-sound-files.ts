import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { ResultFile, Store } from '../../store/store.ts';
import { UnreadableArtefact } from '../../store/unreadable-artefact.ts';
import { publishFiles, type ResultsFolder } from '../../views/results/publish-files.ts';

/**
 * Writes the files of targets, as `publishFiles` does.
 * @throws {Failure} kind `store` where an artefact is damaged: it is quarantined, so that the next run repairs it
 */
export async function publishSoundFiles(
  files: readonly ResultFile[],
  store: Store,
  results: ResultsFolder,
  earlier: ReadonlyMap<string, ArtefactDigest>,
): Promise<readonly string[]> {
  try {
    return await publishFiles(files, store, results, earlier);
  } catch (error) {
    if (!(error instanceof UnreadableArtefact) || error.state !== 'damaged') throw error;
    await store.quarantine(error.digest);
    const fact = error.diagnostics[0]?.fact ?? error.message;
    const fix = 'it was quarantined: check the disk and run again; its node is executed again';
    throw new Failure('store', { fact, fix }, { cause: error });
  }
}
