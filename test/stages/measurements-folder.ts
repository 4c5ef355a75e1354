import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../engine/store/fixtures.ts';

/**
 * A folder with files of the target "measurements".
 *
 * @param columns those after architecture, seed and epoch
 * @param runs by `cnn 1`, the cells of those columns by epoch
 */
export function measurementsFolder(
  columns: readonly string[],
  runs: Readonly<Record<string, Readonly<Record<number, readonly (number | null)[]>>>>,
): string {
  const folder = temporaryFolder();
  for (const [name, byEpoch] of Object.entries(runs)) {
    const run = name.split(' ');
    const rows = Object.entries(byEpoch).map(([epoch, cells]) => [...run, epoch, ...cells].join(','));
    const heading = ['architecture', 'seed', 'epoch', ...columns].join(',');
    writeFileSync(join(folder, `${run.join('-')}.csv`), `${[heading, ...rows].join('\n')}\n`);
  }
  return folder;
}
