import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../../../engine/base/failure.ts';
import { type FileKind, fileKind } from '../../../engine/base/file-kind.ts';
import { isGzip, unpackGzip } from '../compression.ts';
import { type CanonicalFile, canonicalFiles, type Dataset } from '../dataset.ts';
import { filesOfArchive } from './archive.ts';
import type { FoundFile, Source, SourceContent } from './source.ts';

/**
 * A folder of the user's. It may hold the canonical files, raw or as `.gz`, directly or in the folder that the official
 * archive unpacks to, or that archive.
 */
export function directorySource(directory: string): Source {
  const root = resolve(directory);
  return { name: `directory ${root}`, fault: 'fatal', read: (dataset) => readDirectory(root, dataset) };
}

async function readDirectory(root: string, dataset: Dataset): Promise<SourceContent> {
  if ((await kindOf(root)) !== 'folder') {
    throw new Failure('environment', {
      fact: `there is no folder ${root}`,
      fix: 'pass `--set data.directory=PATH` with a folder that exists, or leave it out to download',
    });
  }
  const { archive } = dataset;
  const folders = archive ? [root, join(root, archive.folder)] : [root];
  const files = new Map<string, FoundFile>();
  const missing: string[] = [];
  for (const file of canonicalFiles(dataset)) {
    const found = await findFile(folders, file);
    if (found) files.set(file.name, found);
    else missing.push(file.name);
  }
  if (missing.length === 0) return { kind: 'files', files };

  const archivePath = archive && join(root, archive.name);
  if (archive && archivePath && (await kindOf(archivePath)) === 'file') {
    return { kind: 'files', files: await filesOfArchive(archive, dataset, await readFile(archivePath), archivePath) };
  }
  if (files.size === 0) {
    return { kind: 'absent', reason: `it has no file of ${dataset.title} (${missing.join(', ')})` };
  }
  throw new Failure('environment', {
    fact: `${root} has ${[...files.keys()].join(', ')} of ${dataset.title}, but lacks ${missing.join(', ')}`,
  });
}

async function findFile(folders: readonly string[], file: CanonicalFile): Promise<FoundFile | undefined> {
  for (const folder of folders) {
    for (const place of [join(folder, file.name), join(folder, `${file.name}.gz`)]) {
      if ((await kindOf(place)) !== 'file') continue;
      const bytes = await readFile(place);
      return { bytes: isGzip(bytes) ? await unpackGzip(bytes, file.bytes, place) : bytes, place };
    }
  }
  return undefined;
}

async function kindOf(path: string): Promise<FileKind | 'nothing'> {
  try {
    return fileKind(await stat(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return 'nothing';
    }
    throw error;
  }
}
