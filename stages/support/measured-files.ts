import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../src/engine/stage/index.ts';
import { readMeasurements } from './measurements.ts';
import type { MeasuredRuns } from './trajectory-rows.ts';

/**
 * What the files of a folder and of those in it say was measured.
 *
 * @throws {Failure} kind `stage` where there is none, or a file has no place in its rows
 */
export async function measuredRunsIn(folder: string): Promise<MeasuredRuns> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.csv')).sort();
  if (names.length === 0) {
    throw new Failure('stage', {
      fact: 'the folder of measurements has no file NAME.csv',
      fix: 'copy the files of the target "measurements" there',
    });
  }
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return readMeasurements(new Map(names.map((name, i) => [name, texts[i] as string])));
}
