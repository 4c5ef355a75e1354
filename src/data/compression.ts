import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { Failure } from '../base/failure.ts';

const gunzipAsync = /* @__PURE__ */ promisify(gunzip);

/** Whether bytes begin like a gzip file (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file in memory, up to `limit` bytes, so that a wrong file cannot fill the memory.
 *
 * @throws {Failure} for what is no whole gzip file, or unpacks to more.
 */
export async function unpackGzip(bytes: Uint8Array, limit: number, place: string): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const fault =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `unpacks to more than ${limit} bytes`
        : code === 'Z_BUF_ERROR'
          ? 'is cut short: its gzip data ends too early'
          : `is no valid gzip file (${error instanceof Error ? error.message : error})`;
    throw new Failure('environment', { fact: `${place} (${bytes.length} bytes) ${fault}` }, { cause: error });
  }
}

/**
 * Picks files out of a .tar or .tar.gz. Everything in such an archive lies in one folder, whose name does not count:
 * paths are relative to it.
 *
 * @param isWanted says which paths to keep; what is not wanted is read over.
 * @throws {Error} for an archive that is damaged or cut short.
 */
export async function readArchive(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isWanted: (path: string) => boolean,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let fault: Error | undefined;
  let ended = false;
  const parser = new Parser({
    strict: true,
    filter: (path) => isWanted(withoutFirstFolder(path)),
    onReadEntry: (entry: ReadEntry) => {
      const parts: Buffer[] = [];
      entry.on('data', (part) => parts.push(part));
      entry.on('end', () => files.set(withoutFirstFolder(entry.path), Buffer.concat(parts)));
    },
  });
  parser.on('error', (error: Error) => {
    fault ??= error;
  });
  parser.on('end', () => {
    ended = true;
  });
  // The parser works while it is written to, and its entries are taken in at once: there is no pressure to wait for.
  for await (const chunk of chunks) {
    parser.write(chunk);
    if (fault) throw fault;
  }
  parser.end();
  if (fault) throw fault;
  if (!ended) throw new Error('the archive ends too early');
  return files;
}

/** Cuts bytes into pieces, so that an archive in memory is not unpacked in one go. */
export function* piecesOf(bytes: Uint8Array, pieceBytes = 1 << 20): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += pieceBytes) yield bytes.subarray(begin, begin + pieceBytes);
}

function withoutFirstFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}
