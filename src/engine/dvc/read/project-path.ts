import { posix } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { type Place, problemAt } from '../../pipeline/yaml/source.ts';

/** A path of a stage, relative to the folder of the DVC file. @throws {Failure} where it leads out of it */
export function pathIn(folder: string, text: string, place: Place): string {
  const path = posix.join(folder, text).replace(/\/+$/, '');
  if (!posix.isAbsolute(text) && path !== '..' && !path.startsWith('../')) return path === '.' ? '' : path;
  const fix = 'keep it in the folder of the DVC file: a command finds nothing outside of its own folder';
  throw new Failure('usage', problemAt(place, `"${text}" leads out of the folder of the DVC file`, fix));
}
