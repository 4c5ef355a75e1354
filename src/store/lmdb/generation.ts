import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names, in a cache folder, the subfolder that holds the cache; without it, the folder itself does. */
export const GENERATION_FILE = 'generation';

/** Where the files of a cache lie at present. A compaction puts new ones beside the old, and then names them. */
export function currentFolder(directory: string): string {
  const generation = currentGeneration(directory);
  return generation === 0 ? directory : generationFolder(directory, generation);
}

/** How often the cache was compacted. */
export function currentGeneration(directory: string): number {
  try {
    const number = Number(readFileSync(join(directory, GENERATION_FILE), 'utf8'));
    return Number.isSafeInteger(number) && number > 0 ? number : 0;
  } catch {
    return 0;
  }
}

export function generationFolder(directory: string, generation: number): string {
  return join(directory, `generation-${generation}`);
}
