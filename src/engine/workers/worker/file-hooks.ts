import { constants } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * What a call does with a path. `look`: asks whether it exists, or what it is. `replace`: writes it from the start, so that later
 * reads see the stage's own bytes. `write`: leaves some of it unchanged.
 */
export type FileUse = 'read' | 'list' | 'look' | 'write' | 'replace' | 'remove';

type Call = (this: unknown, ...parameters: unknown[]) => unknown;

/** What a call does with its first arguments, or a function that decides from all of them. */
type Uses = readonly FileUse[] | ((parameters: readonly unknown[]) => readonly FileUse[]);

const USES: Readonly<Record<string, Uses>> = {
  open: ([, flags]) => usesOfFlags(flags ?? 'r'),
  readFile: ['read'],
  openAsBlob: ['read'],
  createReadStream: ['read'],
  readdir: ['list'],
  opendir: ['list'],
  stat: ['look'],
  lstat: ['look'],
  access: ['look'],
  exists: ['look'],
  realpath: ['look'],
  readlink: ['look'],
  watch: ['look'],
  watchFile: ['look'],
  copyFile: ['read', 'replace'],
  cp: ['read', 'replace'],
  link: ['read', 'replace'],
  rename: ['read', 'replace'],
  writeFile: ([, , options]) => usesOfFlags(optionOf(options, 'flag') ?? 'w'),
  createWriteStream: ([, options]) => usesOfFlags(optionOf(options, 'flags') ?? 'w'),
  appendFile: ['write'],
  truncate: ['write'],
  mkdir: ['write'],
  unlink: ['remove'],
  rm: ['remove'],
  rmdir: ['remove'],
};

/**
 * Calls `note` for every use of a path by the functions of node:fs in this thread, before the function itself is called. Call it
 * once, before the observed code is loaded: later imports of a function get the observed one.
 */
export function hookFiles(note: (use: FileUse, path: unknown) => void): void {
  const fs = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown>;
  for (const [name, uses] of Object.entries(USES)) {
    for (const owner of [fs, fs.promises as Record<string, unknown>]) hook(owner, name, uses, note);
    hook(fs, `${name}Sync`, uses, note);
  }
  hookPrograms(note);
  hookProcess(note);
  syncBuiltinESMExports();
}

/** A file of variables, and an addon. */
function hookProcess(note: (use: FileUse, path: unknown) => void): void {
  const owner = process as unknown as Record<string, unknown>;
  hook(owner, 'loadEnvFile', ['read'], (use, path = '.env') => note(use, path));
  const { dlopen } = process;
  process.dlopen = (module, path, ...flags) => {
    note('read', path);
    return dlopen(module, path, ...flags);
  };
}

/** Threads and processes of Node: what they open is not seen, but their code is a file too. */
function hookPrograms(note: (use: FileUse, path: unknown) => void): void {
  const threads = process.getBuiltinModule('node:worker_threads');
  threads.Worker = new Proxy(threads.Worker, {
    construct(target, parameters: [path: string | URL, options?: { eval?: boolean }], constructed) {
      if (parameters[1]?.eval !== true) note('read', parameters[0]);
      return Reflect.construct(target, parameters, constructed);
    },
  });
  hook(process.getBuiltinModule('node:child_process') as unknown as Record<string, unknown>, 'fork', ['read'], note);
}

function hook(owner: Record<string, unknown>, name: string, uses: Uses, note: (use: FileUse, path: unknown) => void) {
  const original = owner[name] as Call | undefined;
  // Not every release of Node has all of them.
  if (typeof original !== 'function') return;
  const hooked: Call = function (...parameters) {
    if (typeof uses === 'function') for (const use of uses(parameters)) note(use, parameters[0]);
    else for (const [index, use] of uses.entries()) note(use, parameters[index]);
    return Reflect.apply(original, this, parameters);
  };
  // `realpath.native`, and what `promisify` uses.
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue;
    Object.defineProperty(hooked, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
  }
  if (typeof (hooked as unknown as { native?: unknown }).native === 'function') {
    hook(hooked as unknown as Record<string, unknown>, 'native', uses, note);
  }
  owner[name] = hooked;
}

function optionOf(options: unknown, name: string): unknown {
  return typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined;
}

function usesOfFlags(flags: unknown): readonly FileUse[] {
  if (typeof flags === 'number') {
    if ((flags & (constants.O_WRONLY | constants.O_RDWR)) === 0) return ['read'];
    if ((flags & (constants.O_TRUNC | constants.O_EXCL)) !== 0) return ['replace'];
    return (flags & constants.O_RDWR) === 0 ? ['write'] : ['write', 'read'];
  }
  const letters = typeof flags === 'string' ? flags : 'r';
  if (letters.startsWith('w')) return ['replace'];
  if (!letters.includes('+')) return letters.startsWith('a') ? ['write'] : ['read'];
  return letters.includes('x') ? ['replace'] : ['write', 'read'];
}
