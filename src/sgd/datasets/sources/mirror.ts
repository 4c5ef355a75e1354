import { isGzip, unpackGzip } from '../compression.ts';
import { canonicalBytes, canonicalFiles, type Dataset, type Mirror, PACKING_BYTES } from '../dataset.ts';
import { maskAddresses } from '../masked-addresses.ts';
import { filesOfArchive } from './archive.ts';
import { getBytes } from './http.ts';
import type { FoundFile, Patience, Source, SourceContent, SourceListener } from './source.ts';

/** A web server that has the official files. */
export function mirrorSource(mirror: Mirror, patience: Patience): Source {
  return {
    name: `mirror ${maskAddresses(mirror.kind === 'archive' ? mirror.url : mirror.base)}`,
    fault: 'next',
    read: (dataset, listener) =>
      mirror.kind === 'archive'
        ? readArchiveMirror(mirror.url, dataset, patience, listener)
        : readGzipMirror(mirror.base, dataset, patience, listener),
  };
}

async function readArchiveMirror(
  url: string,
  dataset: Dataset,
  patience: Patience,
  listener: SourceListener,
): Promise<SourceContent> {
  const { archive } = dataset;
  if (!archive) return { kind: 'absent', reason: `${dataset.title} is not published as an archive` };
  const limit = canonicalBytes(dataset) + archive.bytes + PACKING_BYTES;
  const bytes = await getBytes(url, limit, patience, (received) =>
    listener.progress(Math.min(1, received / archive.bytes)),
  );
  return { kind: 'files', files: await filesOfArchive(archive, dataset, bytes, maskAddresses(url)) };
}

async function readGzipMirror(
  base: string,
  dataset: Dataset,
  patience: Patience,
  listener: SourceListener,
): Promise<SourceContent> {
  const wanted = canonicalFiles(dataset);
  const files = new Map<string, FoundFile>();
  for (const file of wanted) {
    const url = `${base}${file.name}.gz`;
    const place = maskAddresses(url);
    const bytes = await getBytes(url, file.bytes + PACKING_BYTES, patience);
    // If a server labels the file `Content-Encoding: gzip`, the client unpacks it.
    files.set(file.name, { bytes: isGzip(bytes) ? await unpackGzip(bytes, file.bytes, place) : bytes, place });
    listener.progress(files.size / wanted.length);
  }
  return { kind: 'files', files };
}
