import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A file's digest, and the evidence that the file is still the same. */
interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
  /** No program can set this one. */
  readonly ctimeMs: number;
  readonly ino: number;
  readonly digest: string;
}

/**
 * SHA-256 of a file's bytes. A library of hundreds of megabytes takes longer than all the rest of an up-to-date run, so the digest is kept in the project's
 * `node_modules/.cache/vmfdag`, for as long as the file stays the same.
 */
export function keptDigest(path: string, projectDirectory: string): string {
  const file = realpathSync(path);
  const { size, mtimeMs, ctimeMs, ino } = statSync(file);
  const keptIn = join(projectDirectory, 'node_modules/.cache/vmfdag/library-digests.json');
  const stamps = read(keptIn);
  const known = stamps[file];
  if (known?.size === size && known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.ino === ino) {
    return known.digest;
  }
  const digest = digestOf(file);
  write(keptIn, { ...stamps, [file]: { size, mtimeMs, ctimeMs, ino, digest } });
  return digest;
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  const part = Buffer.allocUnsafe(2 ** 22);
  const descriptor = openSync(file, 'r');
  try {
    for (let count = readSync(descriptor, part); count > 0; count = readSync(descriptor, part)) {
      hash.update(part.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function read(file: string): Readonly<Record<string, Stamp | undefined>> {
  try {
    const stamps = JSON.parse(readFileSync(file, 'utf8'));
    return typeof stamps === 'object' && stamps !== null ? stamps : {};
  } catch {
    return {};
  }
}

function write(file: string, stamps: Readonly<Record<string, Stamp | undefined>>): void {
  const part = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(part, `${JSON.stringify(stamps)}\n`);
    renameSync(part, file);
  } catch {
    // A folder that cannot be written to: the next command reads the library again.
  }
}
