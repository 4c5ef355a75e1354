import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Failure } from '../../base/failure.ts';
import { damagedFile } from './failure.ts';
import { BrokenStructure, LARGEST_PAGE, type Meta, readMeta } from './meta-pages.ts';
import { checkStructure } from './structure.ts';

/** A process that writes may use the pages of a snapshot again, as soon as it has committed twice. */
const ATTEMPTS = 5;

/**
 * Reads the two pages that all begins with, which LMDB maps without a look.
 * @throws {Failure} kind `store` when they are not what LMDB writes.
 */
export function checkMetaPages(file: string): void {
  withFile(file, readSnapshot);
}

/**
 * Reads all pages that are in use, but for the content of large values.
 * @throws {Failure} kind `store` when the file is cut off, or a page is not what LMDB writes: LMDB would be ended by a signal, or worse, go on.
 */
export function checkDatabaseFile(file: string): void {
  withFile(file, (descriptor) => {
    const { meta, bytes } = readSnapshot(descriptor);
    checkStructure(descriptor, meta, bytes);
  });
}

function readSnapshot(descriptor: number): { readonly meta: Meta; readonly bytes: number } {
  const meta = readMeta(descriptor, fstatSync(descriptor).size);
  // Looked at afterwards: then the file is as long as the snapshot needs it.
  return { meta, bytes: fstatSync(descriptor).size };
}

function withFile(file: string, check: (descriptor: number) => unknown): void {
  const descriptor = openSync(file, 'r');
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = beginning(descriptor);
      const broken = brokenBy(() => check(descriptor));
      if (!broken) return;
      // Of a file that nobody has written to meanwhile, it is true.
      if (beginning(descriptor).equals(before)) throw damage(file, broken);
    }
  } finally {
    closeSync(descriptor);
  }
}

function brokenBy(check: () => unknown): BrokenStructure | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof BrokenStructure) return error;
    throw error;
  }
}

function damage(file: string, { message }: BrokenStructure): Failure {
  return damagedFile(file, message);
}

/** The meta pages, whatever size they have: each commit changes one of them. */
function beginning(descriptor: number): Buffer {
  const bytes = Buffer.alloc(2 * LARGEST_PAGE);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
}
