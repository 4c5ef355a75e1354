import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterAll } from 'vitest';
import { temporaryFolder } from './folders.ts';

const mounted: string[] = [];

afterAll(() => {
  for (const folder of mounted.splice(0).reverse()) execFileSync('umount', [folder]);
});

/** Whether this process may mount file systems; tests of full and read-only disks are skipped where it may not. */
export function mayMount(): boolean {
  try {
    const folder = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  }
}

/** A disk of a size, such as `1m`, in memory. */
export function smallDisk(size: string): { readonly folder: string; resize(size: string): void; writeProtect(): void } {
  const folder = `${temporaryFolder()}/disk`;
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  mounted.push(folder);
  const remount = (options: string) => execFileSync('mount', ['-o', `remount,${options}`, folder]);
  return { folder, resize: (larger) => remount(`size=${larger}`), writeProtect: () => remount('ro') };
}

/** How to start a program without any network but loopback; nothing where that is not permitted. */
export function withoutNetwork(): readonly string[] | undefined {
  const commands = [
    ['unshare', '-n'],
    ['unshare', '-rn'],
  ];
  return commands.find(([program = '', ...args]) => {
    try {
      execFileSync(program, [...args, 'true'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

const NOBODY = 65534;

/** How to start a program as somebody for whom the rights of files count; empty for who is that already, and nothing where root cannot become another. */
export function withoutRoot(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const command = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  try {
    execFileSync(command[0] as string, [...command.slice(1), process.execPath, '--version'], { stdio: 'ignore' });
    return command;
  } catch {
    return undefined;
  }
}

/** Gives a folder to the one as whom `withoutRoot` starts programs. */
export function giveAway(folder: string): void {
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
}
