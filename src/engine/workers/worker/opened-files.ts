import { Buffer } from 'node:buffer';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileUse } from './file-hooks.ts';
import type { ProjectFiles } from './project-files.ts';

/** What a stage did with a file of the project. The path is relative to the root. */
export interface OpenedFile {
  readonly path: string;
  readonly use: 'read' | 'list' | 'look';
}

/** The files of the project that one stage opens. */
export class OpenedFiles {
  private readonly project: ProjectFiles;
  /** Paths as they were given while the current folder was this one. */
  private readonly noted = new Set<string>();
  private folder = '';
  private readonly opened = new Map<string, OpenedFile['use']>();
  private readonly changed = new Set<string>();
  private readonly own = new Set<string>();
  private readonly removed = new Set<string>();

  constructor(project: ProjectFiles) {
    this.project = project;
  }

  /** Never throws: the called function will report what is wrong with the path. */
  note(use: FileUse, given: unknown): void {
    if (typeof given === 'string' && this.isNoted(use, given)) return;
    const path = pathOf(given);
    const name = path === undefined ? undefined : this.project.relativePath(path);
    if (name !== undefined) this.take(use, name);
  }

  /** What was opened, except for what the stage wrote itself. A folder that is only looked for decides nothing. */
  list(): readonly OpenedFile[] {
    return [...this.opened]
      .filter(([path, use]) => use !== 'look' || !this.isFolder(path))
      .map(([path, use]) => ({ path, use }));
  }

  /** What was written or removed. */
  get written(): readonly string[] {
    return [...this.changed];
  }

  /** A stage may open a file a million times: examining its path costs more than a set of known paths. */
  private isNoted(use: FileUse, given: string): boolean {
    const folder = process.cwd();
    if (folder !== this.folder) this.noted.clear();
    this.folder = folder;
    const known = `${use} ${given}`;
    const isKnown = this.noted.has(known);
    if (!isKnown) this.noted.add(known);
    return isKnown;
  }

  private take(use: FileUse, name: string): void {
    if (use === 'write' || use === 'replace' || use === 'remove') this.changed.add(name);
    if (use === 'replace') this.own.add(name);
    else if (use === 'remove') this.removed.add(name);
    else if (use !== 'write' && !this.isOwn(name)) {
      const before = this.opened.get(name);
      if (before === undefined || before === 'look') this.opened.set(name, use);
    }
  }

  private isOwn(name: string): boolean {
    return this.own.has(name) || [...this.removed].some((path) => name === path || name.startsWith(`${path}/`));
  }

  private isFolder(path: string): boolean {
    return statSync(this.project.absolutePath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  }
}

/** A path as the functions of node:fs take it, relative to the current folder; undefined for a descriptor. */
function pathOf(given: unknown): string | undefined {
  try {
    if (typeof given === 'string') return resolve(given);
    if (given instanceof URL) return fileURLToPath(given);
    return Buffer.isBuffer(given) ? resolve(given.toString()) : undefined;
  } catch {
    return undefined;
  }
}
