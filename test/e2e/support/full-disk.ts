import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

/** Fills a disk except for a few pages. @param file takes the room */
export function fillDisk(file: string, pagesLeft: number): void {
  const page = Buffer.alloc(4096, 1);
  const reserve = `${file}-reserve`;
  const descriptors = [openSync(reserve, 'w'), openSync(file, 'w')] as const;
  try {
    for (let index = 0; index < pagesLeft; index++) writeSync(descriptors[0], page);
    for (;;) writeSync(descriptors[1], page);
  } catch {
    // It is full.
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
    rmSync(reserve);
  }
}
