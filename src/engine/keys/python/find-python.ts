import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Python that reads code. */
export interface Python {
  readonly path: string;
  /** Differs for each file: an older Python may not parse what a newer one does. */
  readonly stamp: string;
}

const NAMES = ['python3', 'python'];

/** The first Python on a search path; undefined where there is none. */
export function findPython(searchPath = process.env.PATH ?? ''): Python | undefined {
  for (const name of NAMES) {
    for (const folder of searchPath.split(delimiter)) {
      const found = folder === '' ? undefined : programAt(join(folder, name));
      if (found) return found;
    }
  }
  return undefined;
}

function programAt(path: string): Python | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  try {
    accessSync(path, constants.X_OK);
    return { path, stamp: `${realpathSync(path)} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}` };
  } catch {
    return undefined;
  }
}
