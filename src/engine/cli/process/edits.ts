import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { deferred } from '../../base/deferred.ts';

/** Editors write a file in several steps, and tools write several files: an edit is over when no event has come for this long. */
const QUIET_MS = 120;

/**
 * Detects that one of some files has changed. It watches their folders, since an editor that writes a new file leaves a watcher of
 * the file itself with the old one. Size and time of the files decide.
 */
export class Edits {
  private readonly folders = new Map<string, FSWatcher>();
  private stamps = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private edited = deferred<void>();

  /** From now on these files are watched. Changes of the earlier ones are not forgotten. */
  watch(files: readonly string[]): void {
    this.stamps = new Map(files.map((file) => [file, this.stamps.get(file) ?? stampOf(file)]));
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.open(folder);
    this.look();
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
    for (const watcher of this.folders.values()) watcher.close();
    this.folders.clear();
  }

  private open(folder: string): void {
    try {
      const watcher = watch(folder, () => this.look());
      // A removed folder: its files have changed, and the others are still watched.
      watcher.on('error', () => this.look());
      this.folders.set(folder, watcher);
    } catch {
      // A missing folder: what the pipeline says about it was shown, and the pipeline file is watched.
    }
  }

  private look(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      let hasChanged = false;
      for (const [file, stamp] of this.stamps) {
        const now = stampOf(file);
        if (now === stamp) continue;
        this.stamps.set(file, now);
        hasChanged = true;
      }
      if (hasChanged) this.interrupt();
    }, QUIET_MS);
  }
}

function stampOf(file: string): string {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status ? `${status.size} ${status.mtimeNs} ${status.ctimeNs} ${status.ino}` : 'absent';
}
