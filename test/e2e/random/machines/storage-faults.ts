import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillDisk } from '../../support/full-disk.ts';
import type { Fault, Undo } from './faults.ts';
import type { Scene } from './scene.ts';

const DAY_SECONDS = 86_400;

/** What befalls disks, the files of the shared cache, and clocks. */
export const storageFaults: readonly Fault[] = [
  ...(['run', 'units', 'shared cache'] as const).map(
    (use): Fault => ({
      name: `full disk: ${use}`,
      ends: use === 'run' ? 'without room' : 'as ever',
      fits: ({ disks }) => disks[use] !== undefined,
      strike: ({ disks, random }) => {
        const ballast = join(disks[use] ?? '', '..', `ballast-${random.integer(1_000_000)}`);
        fillDisk(ballast, random.integer(8));
        return () => rmSync(ballast, { force: true });
      },
    }),
  ),
  {
    name: 'damaged blobs in the shared cache',
    ends: 'as ever',
    fits: ({ files }) => files !== undefined,
    strike: damage,
  },
  {
    name: 'the shared cache is emptied',
    ends: 'as ever',
    fits: ({ files }) => files !== undefined,
    strike: ({ files }) => {
      const all = filesOf(files);
      // Others may come meanwhile: it is still in use.
      for (const file of all) rmSync(file, { force: true });
      return all.length > 0 ? () => {} : undefined;
    },
  },
  ...(['run', 'units'] as const).map(
    (use): Fault => ({
      name: `a clock is a day off: ${use}`,
      ends: 'as ever',
      fits: ({ clocks }) => clocks[use] !== undefined,
      strike: ({ clocks, random }) => {
        const offset = Buffer.alloc(8);
        offset.writeBigInt64LE(BigInt(random.integer(2) === 0 ? DAY_SECONDS : -DAY_SECONDS));
        // The file is mapped: it keeps its place.
        writeFileSync(clocks[use] ?? '', offset, { flag: 'r+' });
        // It is right again some time, which is a jump too.
        return () => writeFileSync(clocks[use] ?? '', new Uint8Array(8), { flag: 'r+' });
      },
    }),
  ),
];

/** Changes a byte of some files, cuts others off, and removes others. */
function damage({ files, random }: Scene): Undo {
  const all = filesOf(files);
  if (all.length === 0) return undefined;
  for (const file of [...all].sort()) {
    if (random.integer(3) !== 0) continue;
    try {
      const bytes = readFileSync(file);
      const at = random.integer(Math.max(1, bytes.length));
      const how = random.integer(3);
      if (how === 0) rmSync(file);
      else if (how === 1) truncateSync(file, at);
      else if (bytes.length > 0) {
        bytes.writeUInt8((bytes.readUInt8(at) + 1) % 256, at);
        writeFileSync(file, bytes);
      }
    } catch {
      // It has just been replaced or removed.
    }
  }
  return () => {};
}

function filesOf(cache: string | undefined): readonly string[] {
  return ['cas', 'ac'].flatMap((folder) => {
    const path = join(cache ?? '', folder);
    return cache !== undefined && existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
  });
}
