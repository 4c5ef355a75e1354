import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Failure } from '../../../base/failure.ts';
import type { CommandLine } from './command-line.ts';
import type { UsedFile } from './opened-by-programs.ts';

/** Whatever opens or executes a file; `?` leaves out what the system does not have. */
const CALLS = '?open,openat,?openat2,?creat,execve,?execveat';

const TRACE = 'calls';

let refusal: Failure | undefined | 'allowed';

/** The same program, whose system calls strace writes into a folder, a file for each process. */
export function traced({ program, arguments: rest }: CommandLine, folder: string): CommandLine {
  mkdirSync(folder);
  const options = ['-ff', '-y', '-qqq', '--seccomp-bpf', '-s', '4096', '-e', 'signal=none'];
  const calls = ['-e', `trace=${CALLS}`, '-o', join(folder, TRACE)];
  return { program: 'strace', arguments: [...options, ...calls, '--', program, ...rest] };
}

/** @throws {Failure} kind `environment` where strace is missing, or may not trace */
export function requireStrace(stage: string): void {
  refusal ??= tryStrace(stage) ?? 'allowed';
  if (refusal !== 'allowed') throw refusal;
}

function tryStrace(stage: string): Failure | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-qqq', '-e', 'trace=execve', 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return new Failure('environment', {
      fact: `stage ${stage} says "undeclared: strace", and there is no strace on PATH`,
      fix: 'install it (apt-get install strace), or remove that line',
    });
  }
  const said = stderr?.trim().split('\n').at(-1) || error?.message || `it ended with ${status}`;
  return new Failure('environment', {
    fact: `stage ${stage} says "undeclared: strace", and strace may not trace programs here: ${said}`,
    fix: 'allow it (docker run --cap-add SYS_PTRACE, or sysctl kernel.yama.ptrace_scope=1), or remove that line',
  });
}

/** The files of the project that programs used, relative to it, by what strace has written. */
export function usedFiles(folder: string, root: string): readonly UsedFile[] {
  const uses = new Map<string, Set<string>>();
  const environments = new Environments(root);
  for (const name of readdirSync(folder)) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const call = parseCall(line);
      if (!call?.path.startsWith(root + sep) && call?.path !== root) continue;
      if (environments.hold(call.path)) continue;
      const path = sourceOf(relative(root, call.path)) || '.';
      uses.set(path, (uses.get(path) ?? new Set()).add(call.use));
    }
  }
  return [...uses].map(([path, each]) => ({ path, uses: [...each] }));
}

interface Call {
  readonly path: string;
  readonly use: 'read' | 'list' | 'write' | 'look';
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)(?:<((?:[^>\\]|\\.)*)>)?/s;
const TEXT = /"((?:[^"\\]|\\.)*)"/;
const FOLDER = /^(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>/;

/** What one call did with an absolute path; undefined for what opens nothing. */
export function parseCall(line: string): Call | undefined {
  const [, name = '', given = '', result = '', opened] = CALL.exec(line) ?? [];
  const text = TEXT.exec(given)?.[1];
  if (name === '' || text === undefined) return undefined;
  const from = FOLDER.exec(given)?.[1];
  const named = unescaped(text);
  const place = from === undefined ? named : resolve(unescaped(from), named);
  if (name.startsWith('exec')) {
    return result === '0' && place.startsWith('/') ? { path: place, use: 'read' } : undefined;
  }
  if (result.startsWith('-')) return place.startsWith('/') ? { path: place, use: 'look' } : undefined;
  const path = opened === undefined ? place : unescaped(opened);
  if (!path.startsWith('/')) return undefined;
  if (name === 'creat' || given.includes('O_WRONLY') || /O_TRUNC|O_EXCL/.test(given)) return { path, use: 'write' };
  return { path, use: given.includes('O_DIRECTORY') ? 'list' : 'read' };
}

/** As C writes texts: strace writes what is not ASCII as octal numbers of bytes. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  for (const [, octal, letter, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(plain ?? ESCAPES[letter as string] ?? (letter as string)));
  }
  return Buffer.from(bytes).toString('utf8');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' };

/** Of compiled Python, its source: the cached file holds nothing else. */
function sourceOf(path: string): string {
  const [, folder = '', name] = /^(.*?)__pycache__\/([^/.]+)\.[^/]*\.pyc(?:\.\d+)?$/.exec(path) ?? [];
  return name === undefined ? path : `${folder}${name}.py`;
}

/** Virtual environments and installed packages in the project are no files of it. */
class Environments {
  readonly #root: string;
  readonly #known = new Map<string, boolean>();

  constructor(root: string) {
    this.#root = root;
  }

  hold(path: string): boolean {
    return path === this.#root ? false : this.#isIn(dirname(path));
  }

  #isIn(folder: string): boolean {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const marks = ['pyvenv.cfg', 'conda-meta'].map((name) => join(folder, name));
    const found =
      folder.length > this.#root.length &&
      (/(?:site|dist)-packages$/.test(folder) || marks.some((mark) => existsSync(mark)) || this.#isIn(dirname(folder)));
    this.#known.set(folder, found);
    return found;
  }
}
