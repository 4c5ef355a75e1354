import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';

/** The file in a cache folder that names the subfolder of the cache. Without it, the files lie in the folder itself. */
export const GENERATION_FILE = 'generation';

/** Where the files of a cache lie at present. A compaction writes new ones next to the old, and then names them. */
export function currentFolder(directory: string): string {
  const generation = currentGeneration(directory);
  return generation === 0 ? directory : generationFolder(directory, generation);
}

/**
 * How often the cache was compacted.
 * @throws {Failure} kind `store` when the file `generation` holds something else, or is missing although there are such subfolders
 */
export function currentGeneration(directory: string): number {
  for (;;) {
    const text = readGeneration(directory);
    const generation = Number(text ?? 0);
    if (text === undefined) {
      if (existsSync(join(directory, 'data.mdb')) || generationsIn(directory).length === 0) return 0;
    } else if (/^[1-9]\d{0,8}\n?$/.test(text) && existsSync(generationFolder(directory, generation))) {
      return generation;
    }
    // A compaction in between has named another folder and removed this one.
    if (readGeneration(directory) === text) throw wrongGeneration(directory, text);
  }
}

export function generationFolder(directory: string, generation: number): string {
  return join(directory, `generation-${generation}`);
}

function readGeneration(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, GENERATION_FILE), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The subfolders that hold a cache. */
function generationsIn(directory: string): readonly number[] {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(directory)
    .flatMap((name) => /^generation-([1-9]\d{0,8})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((generation) => existsSync(join(generationFolder(directory, generation), 'data.mdb')));
}

/** Starting an empty cache would silently lose the one that is there. */
function wrongGeneration(directory: string, text: string | undefined): Failure {
  const file = join(directory, GENERATION_FILE);
  const [first, ...others] = generationsIn(directory);
  const held = text === undefined ? 'is missing' : `holds ${JSON.stringify(text.trim().slice(0, 20))}`;
  return new Failure('store', {
    fact: `${file} ${held}, and should hold the number of the folder "generation-N" that the cache lies in`,
    fix:
      first === undefined
        ? 'put back a copy of the cache, or delete its folder and run again'
        : others.length === 0
          ? `write the number ${first} into it: that folder holds a cache`
          : `write one of the numbers ${[first, ...others].join(', ')} into it: those folders hold a cache; the last one is the newest, and may not be complete`,
  });
}
