import { randomUUID } from 'node:crypto';
import { fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** How much of a node's output is kept: its end, where errors are. */
export const OUTPUT_LIMIT = 64 * 1024;

/** A larger file is cut down to its end. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * Opens a file without a name, for the standard output and standard error of a process and its children. Unlike a pipe,
 * it keeps everything in order, it can be read as soon as a process has ended, and nobody waits for a reader.
 *
 * @param folders where it may lie; the first one that can be written is used
 */
export function openOutputFile(folders: readonly string[]): number {
  for (const [index, folder] of folders.entries()) {
    try {
      const file = join(folder, `vmfdag-${randomUUID()}.log`);
      const descriptor = openSync(file, 'ax+', 0o600);
      unlinkSync(file);
      return descriptor;
    } catch (error) {
      if (index === folders.length - 1) throw error;
    }
  }
  throw new Error('no folder for the output of workers');
}

/** The end of the file's text from a position on. */
export function readOutput(descriptor: number, from = 0): Buffer {
  const { size } = fstatSync(descriptor);
  const start = Math.max(from, size - OUTPUT_LIMIT);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, start + length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** How many bytes the file has now. */
export function outputBytes(descriptor: number): number {
  return fstatSync(descriptor).size;
}

/** Keeps a process that prints without end from filling the disk. */
export function limitOutput(descriptor: number): void {
  if (fstatSync(descriptor).size <= LARGEST_FILE) return;
  const end = readOutput(descriptor);
  ftruncateSync(descriptor);
  writeSync(descriptor, end);
}
