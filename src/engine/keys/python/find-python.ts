import { statSync } from 'node:fs';
import { fileBehind, lookUp } from '../software/look-up.ts';

/** The Python that reads code. */
export interface Python {
  readonly path: string;
  /** Differs for each file: an older Python may not parse what a newer one does. */
  readonly stamp: string;
}

/** The first Python on PATH; undefined where there is none. */
export function findPython(): Python | undefined {
  const path = lookUp('python3') ?? lookUp('python');
  const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === undefined || !stats) return undefined;
  return { path, stamp: `${fileBehind(path)} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}` };
}
