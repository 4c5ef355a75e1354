import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Failure } from '../../base/failure.ts';
import { damagedFile } from './failure.ts';
import { BrokenStructure, LARGEST_PAGE, type Meta, readMeta } from './meta-pages.ts';
import { checkStructure } from './structure.ts';

/** A process that writes may reuse the pages of a snapshot as soon as it has committed twice. */
const ATTEMPTS = 5;

/**
 * Reads the two meta pages, which LMDB maps without checking them.
 * @throws {Failure} kind `store` when they are not what LMDB writes
 */
export function checkMetaPages(file: string): void {
  withFile(file, readSnapshot);
}

/**
 * Reads all used pages, except for the content of large values.
 * @throws {Failure} kind `store` when the file is cut off, or a page is not what LMDB writes. A signal would end LMDB there, or worse, it would go on.
 */
export function checkDatabaseFile(file: string): void {
  withFile(file, (descriptor) => {
    const { meta, bytes } = readSnapshot(descriptor);
    checkStructure(descriptor, meta, bytes);
  });
}

function readSnapshot(descriptor: number): { readonly meta: Meta; readonly bytes: number } {
  const meta = readMeta(descriptor, fstatSync(descriptor).size);
  // Read afterwards: then the file is as long as the snapshot needs it.
  return { meta, bytes: fstatSync(descriptor).size };
}

function withFile(file: string, check: (descriptor: number) => unknown): void {
  const descriptor = openSync(file, 'r');
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = beginning(descriptor);
      const broken = brokenBy(() => check(descriptor));
      if (!broken) return;
      // The finding holds if nobody has written to the file meanwhile.
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

/** The meta pages, whatever their size. Each commit changes one of them. */
function beginning(descriptor: number): Buffer {
  const bytes = Buffer.alloc(2 * LARGEST_PAGE);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
}
