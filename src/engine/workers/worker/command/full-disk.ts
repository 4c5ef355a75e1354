import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Failure } from '../../../base/failure.ts';
import { DISK_FULL_FIX } from '../../../base/system-error.ts';

/** What is left of a disk after a program was refused more: parts of blocks, and what others have freed meanwhile. */
const LEFT_BYTES = 64 * 1024;

/** Where this process's output goes. Node asks the system for its rights each time. */
export const LOGS = tmpdir();

/**
 * Call it when a program has failed. It may say nothing of the reason, or something that only its author understands.
 * @param what happened: `the command of a ended with exit code 1`
 * @throws {Failure} kind `store`, which ends the run, where the disk of its folder or that of its log is full
 */
export function checkRoom(what: string, folder: string): void {
  if (isFull(folder)) throw noRoom(what, 'the disk of the cache');
  if (isFull(LOGS)) throw noRoom(what, `the disk of ${LOGS}, where its log is written,`);
}

/**
 * Call it when a program has ended in order: it may not have noticed that its output is not complete.
 * @throws {Failure} kind `store` where the disk of its folder is full
 */
export function checkRoomOfOutputs(node: string, folder: string): void {
  if (isFull(folder))
    throw noRoom(`the command of ${node} ended, and its outputs may not be complete`, 'the disk of the cache');
}

/** Whether the end of a log may be missing. */
export function isLogFull(): boolean {
  return isFull(LOGS);
}

function noRoom(what: string, disk: string): Failure {
  return new Failure('store', { fact: `${what}: ${disk} has no room left`, fix: DISK_FULL_FIX });
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bfree, bsize } = statfsSync(folder);
    // Some blocks are for root alone.
    return (process.getuid?.() === 0 ? bfree : bavail) * bsize < LEFT_BYTES;
  } catch {
    return false;
  }
}
