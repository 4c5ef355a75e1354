import { hash } from 'node:crypto';
import type { SourceFolder } from '../bundle-sources.ts';
import { CHANGED_MEANWHILE, type SeenFile } from './seen-file.ts';

/**
 * What a command used of the machine, as far as it was seen. It is known only once the command has run, so it is in no key: before a result counts
 * as up to date, all of this is looked up again.
 */
export interface UsedSoftware {
  readonly programs: readonly UsedProgram[];
  /** What decides which Python starts, and what it loads: settings of virtual environments and version managers, its library, links to working copies. */
  readonly settings: readonly SeenFile[];
  /** Shared libraries, where strace has seen them. */
  readonly libraries: readonly SeenFile[];
  readonly packages: readonly UsedPackage[];
  /** Modules that belong to no package, and archives of modules. */
  readonly modules: readonly { readonly name: string; readonly file: SeenFile }[];
  /** Where imports were looked for, also those that found nothing. */
  readonly searched: readonly SourceFolder[];
}

interface UsedProgram {
  /** As it was looked up on PATH, or its path. */
  readonly name: string;
  /** Where it was found; null where it was not. */
  readonly path: string | null;
  /** The file behind all links. */
  readonly file: SeenFile | null;
  /** Of Python. */
  readonly version: string | null;
}

interface UsedPackage {
  readonly name: string;
  readonly version: string;
  /** The list of its files with their digests (RECORD), or its metadata. */
  readonly file: SeenFile;
}

/** Whether Python would import what a folder holds under that name: other files may come and go next to a module. */
export function isModuleEntry(entry: string): boolean {
  return entry === CHANGED_MEANWHILE || / \u2192 |\.(?:pyw?|pyc|so|pyd)$|^[^.]*\/$/.test(entry);
}

/** Names used software in records: many nodes share it. */
export function softwareDigest(software: UsedSoftware): string {
  return hash('sha256', JSON.stringify(software));
}
