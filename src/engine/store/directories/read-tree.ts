import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { fileKind } from '../../base/file-kind.ts';
import { isWithin } from '../../base/is-within.ts';
import { printableName } from '../../base/printable.ts';
import { type DirectoryEntry, staysInside } from './manifest.ts';

/** A file that is still to be hashed. */
export interface FoundFile {
  readonly kind: 'file';
  readonly path: string;
  readonly place: string;
  readonly isExecutable: boolean;
}

export type FoundEntry = FoundFile | Exclude<DirectoryEntry, { kind: 'file' }>;

/**
 * What a folder holds, by the paths below it. No link is followed.
 * @throws {Failure} kind `stage` for what cannot be kept: special files, links that lead out, names that are not UTF-8, what cannot be read
 */
export function* readTree(top: string, below = ''): Iterable<FoundEntry> {
  const names = namesIn(top, below);
  if (names.length === 0 && below !== '') yield { kind: 'folder', path: below };
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const place = join(top, path);
    const found = lstatSync(place);
    if (found.isDirectory()) yield* readTree(top, path);
    else if (found.isSymbolicLink()) yield linkOf(top, path, place);
    else yield fileOf(path, place, found);
  }
}

function namesIn(top: string, below: string): readonly string[] {
  let names: readonly Buffer[];
  try {
    names = readdirSync(join(top, below), { encoding: 'buffer' });
  } catch (error) {
    throw unreadable(join(top, below), error);
  }
  const foreign = names.find((name) => !isUtf8(name));
  if (!foreign) return names.map(String);
  throw new Failure('stage', {
    fact: `${printableName(join(top, below))} has a file whose name ${shownBytes(foreign)} is not UTF-8`,
    fix: 'rename it: other machines and other programs would read the name differently',
  });
}

/** The bytes of a name, those outside ASCII by their numbers. */
function shownBytes(name: Buffer): string {
  const characters = [...name].map((byte) =>
    byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte),
  );
  return `"${characters.join('')}"`;
}

function linkOf(top: string, path: string, place: string): FoundEntry {
  const target = readlinkSync(place, { encoding: 'buffer' });
  if (isUtf8(target) && staysInside(path, String(target)) && leadsInside(top, place)) {
    return { kind: 'link', path, target: String(target) };
  }
  throw new Failure('stage', {
    fact: `${printableName(place)} is a link to ${shownBytes(target)}, which leads out of the directory or nowhere`,
    fix: 'copy what it leads to, make it a relative link inside the directory, or remove it',
  });
}

/** Also by the links that it meets on its way. */
function leadsInside(top: string, link: string): boolean {
  try {
    return isWithin(realpathSync(link), realpathSync(top));
  } catch {
    return false;
  }
}

function fileOf(path: string, place: string, found: Stats): FoundFile {
  if (!found.isFile()) throw notPlain(place, found);
  return { kind: 'file', path, place, isExecutable: (found.mode & 0o100) !== 0 };
}

/** A pipe, a socket, a device or a link cannot be an artefact. */
export function notPlain(place: string, found: Stats): Failure {
  return new Failure('stage', {
    fact: `${printableName(place)} is a ${fileKind(found)}, and cannot be kept`,
    fix: 'write plain files, and remove everything else',
  });
}

export function unreadable(place: string, error: unknown): Failure {
  const fact = `${printableName(place)} cannot be read (${printableName((error as Error).message)})`;
  return new Failure('stage', { fact, fix: 'write it, with the permission to read it' }, { cause: error });
}
