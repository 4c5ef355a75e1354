import { readFileSync, statSync } from 'node:fs';
import { fileKind } from './file-kind.ts';

/**
 * The bytes of a file, also through links. A pipe or a device is not read, since it might never end.
 * @throws {Error} if it is no file or has more bytes than `limit`, and where the file system refuses
 */
export function readRegularFile(path: string, limit: number): Buffer {
  const stats = statSync(path);
  const kind = fileKind(stats);
  if (kind !== 'file') throw new Error(`it is a ${kind}, not a file`);
  if (stats.size > limit) throw new Error(`it has ${stats.size} bytes, and ${limit} is the limit`);
  return readFileSync(path);
}
