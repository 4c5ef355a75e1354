import { lstatSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { fileKind } from '../../base/file-kind.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { printable } from '../../base/printable.ts';

const REMOVE = 'move it away or remove it, and run again: what vmfdag has written there is in the cache';

/**
 * Where to write a file or a folder whose path comes from a pipeline. The result is always inside the folder, whatever the path holds and whatever links are on
 * the way. The folder itself may be a link, to a larger disk: its owner has put it there. Only a regular file or a folder of its kind is ever overwritten.
 *
 * @throws {Failure} kind `usage` for an impossible path, `environment` for what is in the way
 */
export function fileWithin(folder: string, path: string, wanted: 'file' | 'folder' = 'file'): string {
  const parts = partsOf(folder, path);
  let place = realFolder(folder);
  const top = place;
  for (const [index, part] of parts.entries()) {
    const next = join(place, part);
    const shown = join(folder, ...parts.slice(0, index + 1));
    const found = lstatSync(next, { throwIfNoEntry: false });
    // A missing file is no link either.
    if (!found) return join(place, ...parts.slice(index));
    const kind = fileKind(found);
    const isLast = index === parts.length - 1;
    if (isLast) {
      if (kind !== wanted) throw inTheWay(`${shown} is a ${kind}, where a ${wanted} is to be written`);
    } else if (kind === 'link') {
      const target = targetOf(next);
      if (target === undefined) throw inTheWay(`${shown} is a link that leads to no folder`);
      if (!isInside(top, target)) throw inTheWay(`${shown} is a link that leads out of ${folder}`);
      place = target;
      continue;
    } else if (kind !== 'folder') {
      throw inTheWay(`${shown} is a ${kind}, where a folder is to be`);
    }
    place = next;
  }
  return place;
}

function partsOf(folder: string, path: string): readonly string[] {
  const parts = path.split('/');
  const isPlain = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[\\\p{Cc}]/u.test(part);
  if (parts.every(isPlain)) return parts;
  throw new Failure('usage', {
    fact: `"${printable(path)}" cannot be the path of a file in ${folder}`,
    fix: 'write a relative path of plain names with "/" between them: without "..", backslashes and control characters',
  });
}

function realFolder(folder: string): string {
  try {
    makeFolder(folder);
    return realpathSync(folder);
  } catch (error) {
    throw inTheWay(`cannot make the folder ${folder} (${(error as Error).message})`, error);
  }
}

function targetOf(link: string): string | undefined {
  try {
    const target = realpathSync(link);
    return statSync(target).isDirectory() ? target : undefined;
  } catch {
    // It leads nowhere, or in a circle.
    return undefined;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && way !== path;
}

function inTheWay(fact: string, cause?: unknown): Failure {
  return new Failure('environment', { fact, fix: REMOVE }, { cause });
}
