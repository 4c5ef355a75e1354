import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The state of a path where there is no file. */
export const ABSENT = 'absent';

/** Kernels stamp files with a clock that ticks every few milliseconds: a stamp may be older than the write that made it. */
const FILE_CLOCK_LAG_NS = 20_000_000n;
/** On file systems that keep whole seconds, or two, a stamp says nothing of what is written within them. */
const WHOLE_SECONDS_LAG_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** Looks at each file and folder once: the stages of a pipeline share many of them. One serves one command. */
export class FileStates {
  readonly #digests = new Map<string, string>();
  readonly #folders = new Map<string, readonly string[]>();
  readonly #realPaths = new Map<string, string>();

  /** SHA-256 of a file's content; `ABSENT` where there is none. */
  digest(path: string): string {
    return remembered(this.#digests, path, () => {
      try {
        // A pipe or a device may never come to an end.
        return statSync(path).isFile() ? hash('sha256', readFileSync(path)) : ABSENT;
      } catch {
        return ABSENT;
      }
    });
  }

  /** What a folder holds, sorted: names with `/` for folders, and with the path that a link leads to. Nothing where there is no folder. */
  entries(folder: string): readonly string[] {
    return remembered(this.#folders, folder, () => {
      try {
        return readdirSync(folder, { withFileTypes: true })
          .map((entry) => {
            if (entry.isSymbolicLink()) return `${entry.name} → ${this.realPath(join(folder, entry.name))}`;
            return entry.isDirectory() ? `${entry.name}/` : entry.name;
          })
          .sort();
      } catch {
        return [];
      }
    });
  }

  /** The path without links; `ABSENT` where it leads nowhere. */
  realPath(path: string): string {
    return remembered(this.#realPaths, path, () => {
      // Most paths that are asked for are not there, and an error is dear.
      if (!statSync(path, { throwIfNoEntry: false })) return ABSENT;
      try {
        return realpathSync.native(path);
      } catch {
        return ABSENT;
      }
    });
  }
}

/**
 * Whether all paths were left alone since before a time: what was read of them from that time on is what they hold. The time of change
 * counts, for that of modification can be set at will.
 */
export function areSettled(paths: Iterable<string>, sinceMs: number): boolean {
  for (const path of paths) {
    for (const look of [lstatSync, statSync]) {
      const status = look(path, { bigint: true, throwIfNoEntry: false });
      if (status && !isBefore(status.ctimeNs, sinceMs)) return false;
    }
  }
  return true;
}

/** Whether a file's time of change proves that it was not written from another time on: clocks of file systems lag behind, and some keep whole seconds. */
export function isBefore(changedNs: bigint, sinceMs: number): boolean {
  const lag = changedNs % SECOND_NS === 0n ? WHOLE_SECONDS_LAG_NS : FILE_CLOCK_LAG_NS;
  return changedNs < BigInt(Math.floor(sinceMs)) * 1_000_000n - lag;
}

function remembered<T>(known: Map<string, T>, path: string, look: () => T): T {
  const found = known.get(path);
  if (found !== undefined) return found;
  const state = look();
  known.set(path, state);
  return state;
}
