import { hash } from 'node:crypto';
import { join } from 'node:path';
import { isFailure } from '../base/failure.ts';
import type { ArtefactFiles, TakenArtefact } from '../store/artefact-files.ts';
import type { FoundFile } from '../store/directories/read-tree.ts';
import { type DownloadOptions, DownloadProblem, download } from './download.ts';
import { findFiles, type SourcePlace } from './find-files.ts';
import { fileAt } from './look-at-source.ts';
import { type NamedSource, sourceProblem } from './source-problem.ts';

/** For about three minutes, so that a server may start again. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
const PATIENCE_MS = 60_000;

/** Takes the bytes of a source into the store. Commit them, or release them. */
export async function takeSource(
  source: NamedSource,
  place: SourcePlace & { readonly cacheDirectory: string },
  files: ArtefactFiles,
  told: Pick<DownloadOptions, 'log' | 'progress'>,
): Promise<TakenArtefact> {
  const { content } = source;
  try {
    switch (content.kind) {
      case 'file':
        return await files.take(fileAt(source, content.path, place.root).place, 'file', false);
      case 'files': {
        const { paths, places, stamps } = findFiles(source, content.globs, place);
        const entries = paths.map((path, index): FoundFile => {
          return { kind: 'file', path, place: places[index] as string, isExecutable: stamps.isExecutable(index) };
        });
        return await files.takeEntries(source.name, entries);
      }
      case 'url':
        return await takeDownload(source, content, place.cacheDirectory, files, told);
    }
  } catch (error) {
    if (!isFailure(error) || error.kind !== 'stage') throw error;
    throw sourceProblem(
      source,
      error.diagnostics[0]?.fact ?? error.message,
      'end what writes it, and run again',
      error,
    );
  }
}

async function takeDownload(
  source: NamedSource,
  { url, sha256 }: { readonly url: string; readonly sha256: string },
  cacheDirectory: string,
  files: ArtefactFiles,
  told: Pick<DownloadOptions, 'log' | 'progress'>,
): Promise<TakenArtefact> {
  // Two sources may name the same bytes. The next run goes on where this one is interrupted.
  const name = hash('sha256', JSON.stringify([source.name, url, sha256])).slice(0, 32);
  const part = join(cacheDirectory, 'sources', `${name}.part`);
  try {
    await download(url, sha256, part, { ...told, pauses: PAUSES_MS, patience: PATIENCE_MS });
  } catch (error) {
    if (!(error instanceof DownloadProblem)) throw error;
    const fix = error.isPassing
      ? 'check the network, and run again: it goes on from there'
      : 'correct the address or the sha256';
    throw sourceProblem(source, error.message, fix, error);
  }
  return files.take(part, 'file', true);
}
