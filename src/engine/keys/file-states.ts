import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere } from '../base/if-there.ts';

/** The state of a path without a file. */
export const ABSENT = 'absent';

/** Kernels use a clock that ticks every few milliseconds: a file's time may be earlier than the write that set it. */
const FILE_CLOCK_LAG_NS = 20_000_000n;
/** On file systems with a resolution of one or two seconds, a time says nothing about writes within them. */
const WHOLE_SECONDS_LAG_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** Reads each file and folder once, since stages share many of them. One instance serves one command. */
export class FileStates {
  readonly #digests = new Map<string, string>();
  readonly #folders = new Map<string, readonly string[]>();
  readonly #realPaths = new Map<string, string>();

  /** SHA-256 of a file's content; `ABSENT` if it is missing. */
  digest(path: string): string {
    return remembered(this.#digests, path, () => {
      try {
        // A pipe or a device may never end.
        return statSync(path).isFile() ? hash('sha256', readFileSync(path)) : ABSENT;
      } catch {
        return ABSENT;
      }
    });
  }

  /** What a folder holds, sorted: names, with `/` for folders and the target for links. Undefined where there is no folder. */
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
      // Most of these paths do not exist, and creating an error is expensive.
      if (!ifThere((options) => statSync(path, options))) return ABSENT;
      try {
        return realpathSync.native(path);
      } catch {
        return ABSENT;
      }
    });
  }
}

/**
 * Whether no path was changed since a time. Then what was read after that time is still what they hold. It uses the time of status
 * change, since a program can set the time of modification at will.
 */
export function areSettled(paths: Iterable<string>, sinceMs: number): boolean {
  for (const path of paths) {
    for (const look of [lstatSync, statSync]) {
      const status = ifThere((options) => look(path, { ...options, bigint: true }));
      if (status && !isBefore(status.ctimeNs, sinceMs)) return false;
    }
  }
  return true;
}

/** Whether a file's ctime proves that it was not written after a time: clocks of file systems lag behind, and some keep whole seconds. */
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
