import { chmodSync, type Dirent, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes a folder with all that is in it, also where a program has taken away the right to change it. Nothing, if it is not there. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    allowChanges(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function allowChanges(folder: string): void {
  let entries: readonly Dirent[];
  try {
    chmodSync(folder, 0o700);
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // It is somebody else's. The removal says so.
    return;
  }
  for (const entry of entries) if (entry.isDirectory()) allowChanges(join(folder, entry.name));
}
