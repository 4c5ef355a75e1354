import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { Failure } from '../../engine/base/failure.ts';

const gunzipAsync = /* @__PURE__ */ promisify(gunzip);

/** Whether bytes begin like a gzip file (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file in memory, up to `limit` bytes, so that a wrong file cannot fill the memory.
 *
 * @throws {Failure} for bytes that are no whole gzip file, or unpack to more
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
 * Extracts files from a .tar or .tar.gz. Everything in such an archive lies in one folder, whose name does not count:
 * paths are relative to it.
 *
 * @param isWanted says which paths to keep; the others are skipped
 * @param limit of bytes that the archive may unpack to, so that a small one cannot fill the memory or keep the processor busy
 * @throws {Error} for an archive that is damaged, cut short or too large.
 */
export async function readArchive(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isWanted: (path: string) => boolean,
  limit: number,
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
  let unpacked = 0;
  // The parser works while it is written to, and its entries are read at once, so there is no back-pressure.
  for await (const chunk of gunzipped(chunks)) {
    unpacked += chunk.length;
    if (unpacked > limit) throw new Error(`the archive unpacks to more than the ${limit} bytes that it can have`);
    parser.write(chunk);
    if (fault) throw fault;
  }
  parser.end();
  if (fault) throw fault;
  if (!ended) throw new Error('the archive ends too early');
  return files;
}

/** The bytes themselves or, for a gzip file, its content, a piece at a time. */
async function* gunzipped(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let start = Buffer.alloc(0);
  const iterator = toAsync(chunks);
  while (start.length < 2) {
    const { done, value } = await iterator.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  const whole = startingWith(start, iterator);
  yield* isGzip(start) ? inflated(whole) : whole;
}

async function* inflated(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacking = createGunzip();
  const piped = pipeline(chunks, unpacking);
  // Its error is the stream's too, which is read below.
  piped.catch(() => {});
  yield* unpacking as AsyncIterable<Uint8Array>;
  await piped;
}

async function* toAsync(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* startingWith(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* rest;
}

/** Divides bytes into pieces, so that an archive in memory is not unpacked in one go. */
export function* piecesOf(bytes: Uint8Array, pieceBytes = 1 << 20): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += pieceBytes) yield bytes.subarray(begin, begin + pieceBytes);
}

function withoutFirstFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}
