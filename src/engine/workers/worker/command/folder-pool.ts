import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder with nothing but folders in it. */
export interface EmptyFolder {
  readonly path: string;
  /** Relative to it, each after the one that it lies in. */
  readonly folders: readonly string[];
}

/** Folders that commands have left as they were: to make and remove them takes longer than many a command. */
export class FolderPool {
  private readonly newPath: () => string;
  private readonly free = new Map<string, string[]>();
  /** Of a new folder. */
  private mode: number | undefined;

  /** @param newPath gives a path on the same disk each time, at which nothing is */
  constructor(newPath: () => string) {
    this.newPath = newPath;
  }

  /** An empty folder at a new path. */
  take(folders: readonly string[]): EmptyFolder {
    const path = this.newPath();
    const free = this.free.get(nameOf(folders))?.pop();
    if (free === undefined) {
      mkdirSync(path);
      for (const folder of folders) mkdirSync(join(path, folder));
      this.mode ??= lstatSync(path).mode;
    } else renameSync(free, path);
    return { path, folders };
  }

  /**
   * Takes one back. Call it only if no process is left that may know it.
   * @returns whether it is as it was; otherwise it belongs to the caller
   */
  giveBack({ path, folders }: EmptyFolder): boolean {
    if (!this.isAsItWas(path, folders)) return false;
    const name = nameOf(folders);
    const free = this.free.get(name);
    if (free) free.push(path);
    else this.free.set(name, [path]);
    return true;
  }

  /** Removes all that it has. */
  remove(): void {
    for (const path of [...this.free.values()].flat()) rmSync(path, { recursive: true, force: true });
    this.free.clear();
  }

  private isAsItWas(path: string, folders: readonly string[]): boolean {
    try {
      return ['.', ...folders].every((folder) => {
        const place = join(path, folder);
        // A link to a folder has another mode.
        if (lstatSync(place).mode !== this.mode) return false;
        const inner = folders.filter((each) => dirname(each) === folder);
        const names = readdirSync(place);
        return names.length === inner.length && names.every((each) => inner.includes(join(folder, each)));
      });
    } catch {
      return false;
    }
  }
}

function nameOf(folders: readonly string[]): string {
  return folders.join('\n');
}
