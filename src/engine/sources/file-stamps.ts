import type { Stats } from 'node:fs';

/** Device, inode, size, mode, mtime, ctime. Times are in milliseconds, to a quarter of a microsecond. */
export const STAMP_LENGTH = 6;
const MODE = 3;
const CTIME = 5;
const OWNER_MAY_EXECUTE = 0o100;

/**
 * What the file system says of many files, as numbers in one array: for a hundred thousand files, the collector of garbage would otherwise take longer
 * than the file system.
 */
export class FileStamps {
  #numbers = new Float64Array(STAMP_LENGTH * 16);
  #count = 0;

  add({ dev, ino, size, mode, mtimeMs, ctimeMs }: Stats): void {
    const at = this.#count * STAMP_LENGTH;
    if (at + STAMP_LENGTH > this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[at] = dev;
    this.#numbers[at + 1] = ino;
    this.#numbers[at + 2] = size;
    this.#numbers[at + MODE] = mode;
    this.#numbers[at + 4] = mtimeMs;
    this.#numbers[at + CTIME] = ctimeMs;
    this.#count++;
  }

  /** The numbers of one file. A view: it is valid until the next one is added. */
  of(index: number): Float64Array {
    return this.#numbers.subarray(index * STAMP_LENGTH, (index + 1) * STAMP_LENGTH);
  }

  /** Whether a file has the numbers that stand at a place of a list. */
  isSame(index: number, list: Float64Array, other: number): boolean {
    const [a, b] = [index * STAMP_LENGTH, other * STAMP_LENGTH];
    for (let i = 0; i < STAMP_LENGTH; i++) if (this.#numbers[a + i] !== list[b + i]) return false;
    return true;
  }

  ctimeMs(index: number): number {
    return this.#numbers[index * STAMP_LENGTH + CTIME] as number;
  }

  size(index: number): number {
    return this.#numbers[index * STAMP_LENGTH + 2] as number;
  }

  isExecutable(index: number): boolean {
    return ((this.#numbers[index * STAMP_LENGTH + MODE] as number) & OWNER_MAY_EXECUTE) !== 0;
  }
}
