import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A folder with nothing but folders and one file in it. */
export interface PooledFolder {
  readonly path: string;
  /** Relative to it, each after the one that it lies in. */
  readonly folders: readonly string[];
  /** The names in each of them, and in itself: `.`. */
  readonly inner: ReadonlyMap<string, ReadonlySet<string>>;
  readonly file: PooledFile;
}

/** A file that others cannot write. Each user of its folder gets a new text in it: a file system takes long to make one just after it has removed one. */
interface PooledFile {
  readonly descriptor: number;
  readonly number: number;
  bytes: number;
}

/** Folders that commands have left as they were: to make and remove them takes longer than many a command. */
export class FolderPool {
  private readonly newPath: () => string;
  private readonly fileName: string;
  private readonly free = new Map<string, PooledFolder[]>();
  /** Of a new folder, and of its file. */
  private mode: number | undefined;
  private fileMode: number | undefined;

  /**
   * @param newPath gives a path on the same disk each time, at which nothing is
   * @param fileName of the file in each folder, relative to it
   */
  constructor(newPath: () => string, fileName: string) {
    this.newPath = newPath;
    this.fileName = fileName;
  }

  /** A folder at a new path, with the folders and the file in it. */
  take(folders: readonly string[], text: string): PooledFolder {
    const path = this.newPath();
    const free = this.free.get(nameOf(folders))?.pop();
    if (free) renameSync(free.path, path);
    const folder = free ? { ...free, path } : this.make(path, folders);
    try {
      rewrite(folder.file, Buffer.from(text));
      return folder;
    } catch (error) {
      this.remove(folder);
      throw error;
    }
  }

  /**
   * Takes one back. Call it only if no process is left that may know it.
   * @returns whether it is as it was
   */
  giveBack(folder: PooledFolder): boolean {
    if (!this.isAsItWas(folder)) return false;
    const name = nameOf(folder.folders);
    const free = this.free.get(name);
    if (free) free.push(folder);
    else this.free.set(name, [folder]);
    return true;
  }

  /** Leaves one that was taken to the caller, who removes it. */
  leave({ file }: PooledFolder): void {
    closeSync(file.descriptor);
  }

  /** Removes all that it has. */
  removeAll(): void {
    for (const folder of [...this.free.values()].flat()) this.remove(folder);
    this.free.clear();
  }

  private remove(folder: PooledFolder): void {
    this.leave(folder);
    rmSync(folder.path, { recursive: true, force: true });
  }

  private make(path: string, folders: readonly string[]): PooledFolder {
    mkdirSync(path);
    for (const folder of folders) mkdirSync(join(path, folder));
    this.mode ??= lstatSync(path).mode;
    const descriptor = openSync(join(path, this.fileName), 'wx', 0o444);
    const { ino, mode } = fstatSync(descriptor);
    this.fileMode ??= mode;
    const inner = innerNames(folders, this.fileName);
    return { path, folders, inner, file: { descriptor, number: ino, bytes: 0 } };
  }

  private isAsItWas({ path, inner, file }: PooledFolder): boolean {
    try {
      const { ino, mode, nlink, size } = lstatSync(`${path}/${this.fileName}`);
      if (ino !== file.number || mode !== this.fileMode || nlink !== 1 || size !== file.bytes) return false;
      for (const [folder, wanted] of inner) {
        const place = `${path}/${folder}`;
        // A link to a folder has another mode.
        if (lstatSync(place).mode !== this.mode) return false;
        const names = readdirSync(place);
        if (names.length !== wanted.size || !names.every((name) => wanted.has(name))) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

function rewrite(file: PooledFile, content: Buffer): void {
  for (let written = 0; written < content.length; ) {
    written += writeSync(file.descriptor, content, written, content.length - written, written);
  }
  if (content.length < file.bytes) ftruncateSync(file.descriptor, content.length);
  file.bytes = content.length;
}

function innerNames(folders: readonly string[], file: string): ReadonlyMap<string, ReadonlySet<string>> {
  const inner = new Map(['.', ...folders].map((folder) => [folder, new Set<string>()]));
  for (const path of [...folders, file]) inner.get(dirname(path))?.add(basename(path));
  return inner;
}

function nameOf(folders: readonly string[]): string {
  return folders.join('\n');
}
