import { lstatSync } from 'node:fs';

/** Whether anything is at a path, also a link that leads nowhere. What cannot be looked at counts as absent. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
