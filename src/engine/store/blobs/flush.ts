import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Brings a file's content, or a folder's names, to the disk. */
export function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
