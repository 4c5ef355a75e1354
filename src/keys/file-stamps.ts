import { statSync } from 'node:fs';
import type { FileStamp } from './bundle-cache.ts';

/** The time of a file that is not there: when it comes, its stamp is another. */
export const ABSENT = 'absent';

/** Looks at each file once: the stages of a pipeline reach the same packages, of which there are hundreds. One serves one command. */
export class FileStamps {
  private readonly known = new Map<string, FileStamp>();

  of(path: string): FileStamp {
    let stamp = this.known.get(path);
    if (!stamp) {
      stamp = stampFile(path);
      this.known.set(path, stamp);
    }
    return stamp;
  }

  isUnchanged(stamp: FileStamp): boolean {
    try {
      const now = this.of(stamp.path);
      return now.size === stamp.size && now.modified === stamp.modified && now.changed === stamp.changed;
    } catch {
      return false;
    }
  }
}

/** A file as it is now. */
export function stampFile(path: string): FileStamp {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!status) return { path, size: 0, modified: ABSENT, changed: ABSENT };
  const { size, mtimeNs, ctimeNs } = status;
  return { path, size: Number(size), modified: String(mtimeNs), changed: String(ctimeNs) };
}
