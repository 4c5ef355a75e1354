import { createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { Failure } from '../../base/failure.ts';

/** What goes into a zip: a text, or the file at a path. */
export interface ZipEntry {
  readonly path: string;
  readonly content: { readonly text: string } | { readonly file: string };
}

/**
 * Writes a zip in one step: it is there as a whole, or as it was before. The same entries give the same bytes.
 * @param time of all entries
 * @returns its size
 */
export async function writeZip(file: string, entries: readonly ZipEntry[], time: Date): Promise<number> {
  const zip = new ZipFile();
  const options = { mtime: time, mode: 0o100644, forceDosTimestamp: true };
  for (const { path, content } of entries) {
    if ('text' in content) zip.addBuffer(Buffer.from(content.text), path, options);
    else zip.addFile(content.file, path, options);
  }
  const partial = `${file}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // A file that disappears while it is read.
    const broken = new Promise<never>((_, reject) => zip.on('error', reject));
    zip.end();
    await Promise.race([pipeline(zip.outputStream, createWriteStream(partial)), broken]);
    renameSync(partial, file);
    return statSync(file).size;
  } catch (error) {
    rmSync(partial, { force: true });
    const fact = `cannot write ${file} (${(error as Error).message})`;
    throw new Failure('environment', { fact, fix: 'make room, or name another file with --output' }, { cause: error });
  }
}
