import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let found: string | undefined;

/** The folder of the Python package that the engine uses itself, and that commands import: the build puts it next to the program; in a clone, the repository has it. */
export function pythonFolder(): string {
  found ??= above(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function above(folder: string): string {
  for (let each = folder; ; each = dirname(each)) {
    const place = join(each, 'python');
    if (existsSync(join(place, 'vmfdag/_code.py'))) return place;
    if (each === dirname(each)) throw new Error(`there is no Python package above ${folder}`);
  }
}
