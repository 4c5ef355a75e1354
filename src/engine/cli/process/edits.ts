import { type FSWatcher, lstatSync, realpathSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { deferred } from '../../base/deferred.ts';

/** Editors write a file in several steps, and tools write several files: an edit is over when nothing has changed for this long. */
const QUIET_MS = 120;

/**
 * Detects that one of some files and folders has changed. It watches folders, since an editor that writes a new file leaves a watcher of
 * the file itself with the old one. Size and time decide.
 */
export class Edits {
  /** The folders to watch, by their paths. */
  private folders: ReadonlySet<string> = new Set();
  /** By the number of the folder: at its path, another one may be later. */
  private readonly watchers = new Map<string, FSWatcher>();
  private stamps = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private isUnderWay = false;
  private edited = deferred<void>();

  /** From now on these files and folders are watched. Changes of the earlier ones are not forgotten. */
  watch(paths: readonly string[]): void {
    this.stamps = new Map(paths.map((path) => [path, this.stamps.get(path) ?? stampOf(path)]));
    this.folders = foldersOf(paths);
    this.follow();
    this.lookSoon();
  }

  /** Settles when there is an edit that was not acknowledged. */
  next(): Promise<void> {
    return this.edited.promise;
  }

  /** Acknowledges the edits so far. */
  take(): void {
    this.edited = deferred();
  }

  /** Ends the waiting as an edit would. */
  interrupt(): void {
    this.edited.resolve();
  }

  close(): void {
    clearTimeout(this.timer);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  /** Watches what is at the paths of the folders now. For a missing one, the folder that it would come into. */
  private follow(): void {
    const wanted = new Map([...this.folders].map((path) => [numberOf(path), path]));
    for (const [number, watcher] of this.watchers) {
      if (wanted.has(number)) continue;
      watcher.close();
      this.watchers.delete(number);
    }
    for (const [number, path] of wanted) if (!this.watchers.has(number)) this.open(number, path);
  }

  private open(number: string, path: string): void {
    try {
      const watcher = watch(nearest(path), () => this.lookSoon());
      watcher.on('error', () => this.lookSoon());
      this.watchers.set(number, watcher);
    } catch {
      // It was removed just now, or the system watches no more folders. The others are still watched.
    }
  }

  /** A program may write into a watched folder all the time: a later event does not put the look off. */
  private lookSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.look();
    }, QUIET_MS);
  }

  private look(): void {
    // First, so that nothing is missed in a folder that is new.
    this.follow();
    let hasChanged = false;
    for (const [path, stamp] of this.stamps) {
      const now = stampOf(path);
      if (now === stamp) continue;
      this.stamps.set(path, now);
      hasChanged = true;
    }
    if (hasChanged) this.lookSoon();
    else if (this.isUnderWay) this.interrupt();
    this.isUnderWay = hasChanged;
  }
}

/** The folders in which a change of these paths shows: those that they lie in, those that links lead to, and those that have the links. */
function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  const seen = new Set<string>();
  const addAbove = (path: string): void => {
    const folder = dirname(path);
    folders.add(folder);
    addLinks(folder);
  };
  const addLinks = (folder: string): void => {
    if (seen.has(folder)) return;
    seen.add(folder);
    if (isLink(folder)) folders.add(dirname(folder));
    if (folder !== dirname(folder)) addLinks(dirname(folder));
  };
  for (const path of paths) {
    addAbove(path);
    if (isFolder(path)) folders.add(path);
    else if (isLink(path)) addAbove(orNothing(() => realpathSync(path)) ?? path);
  }
  return folders;
}

function nearest(folder: string): string {
  return isFolder(folder) || folder === dirname(folder) ? folder : nearest(dirname(folder));
}

function numberOf(folder: string): string {
  const stats = orNothing(() => statSync(nearest(folder), { bigint: true }));
  return stats ? `${stats.dev} ${stats.ino}` : folder;
}

function isFolder(path: string): boolean {
  return orNothing(() => statSync(path, { throwIfNoEntry: false })?.isDirectory()) === true;
}

function isLink(path: string): boolean {
  return orNothing(() => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) === true;
}

function stampOf(path: string): string {
  const stats = orNothing(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return stats ? `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}` : 'absent';
}

/** What cannot be looked at counts as absent: the run says what is wrong with it. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
