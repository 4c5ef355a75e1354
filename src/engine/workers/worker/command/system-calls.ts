import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Failure } from '../../../base/failure.ts';
import { isWithin } from '../../../base/is-within.ts';
import type { ProgramLine } from '../../../environments/program-line.ts';
import { fileBehind } from '../../../keys/software/look-up.ts';
import type { UsedFile } from './opened-by-programs.ts';

/** Whatever opens or executes a file, or gives it another name; `?` leaves out what the system does not have. */
const CALLS = '?open,openat,?openat2,?creat,execve,?execveat,?link,linkat';

const TRACE = 'calls';

/** How strace is called here, or why it cannot be. It is tried once in a process. */
type Ability = { readonly options: readonly string[] } | { readonly fact: string; readonly fix: string };

let ability: Ability | undefined;

/** A filter in the kernel lets all other calls pass at full speed. strace has it since 5.3. */
const FILTER = '--seccomp-bpf';

/**
 * The same program, whose system calls strace writes into a folder, a file for each process.
 * @throws {Failure} kind `environment` where strace is missing, or may not trace
 */
export function traced({ program, arguments: rest }: ProgramLine, folder: string, stage: string): ProgramLine {
  ability ??= abilityOf([['-f', FILTER], ['-f']]);
  if ('fix' in ability) {
    const { fact, fix } = ability;
    throw new Failure('environment', { fact: `stage ${stage} says "undeclared: strace", and ${fact}`, fix });
  }
  mkdirSync(folder);
  const options = [...ability.options, '-ff', '-y', '-qqq', '-s', '4096', '-e', 'signal=none', '-e', `trace=${CALLS}`];
  return { program: 'strace', arguments: [...options, '-o', join(folder, TRACE), '--', program, ...rest] };
}

function abilityOf([options = [], ...others]: readonly (readonly string[])[]): Ability {
  const args = [...options, '-qqq', '-e', 'trace=execve', 'true'];
  const { error, status, stderr } = spawnSync('strace', args, { encoding: 'utf8' });
  if (status === 0) return { options };
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return {
      fact: 'there is no strace on PATH',
      fix: 'install it (apt-get install strace), or remove that line',
    };
  }
  if (others.length > 0) return abilityOf(others);
  const said = stderr?.trim().split('\n').at(-1) || error?.message || `it ended with ${status}`;
  return {
    fact: `strace may not trace programs here: ${said}`,
    fix: 'allow it (docker run --cap-add SYS_PTRACE, or sysctl kernel.yama.ptrace_scope=1), or remove that line',
  };
}

/** What strace has seen of all programs of a command. */
export interface TracedFiles {
  /** Of the project, relative to it. */
  readonly used: readonly UsedFile[];
  /** Paths of executed programs and of loaded libraries outside of the project. */
  readonly programs: readonly string[];
  readonly libraries: readonly string[];
}

export const NOT_TRACED: TracedFiles = { used: [], programs: [], libraries: [] };

const LIBRARY = /\.so(?:\.[\w.]+)?$/;

/** Reads what strace has written. @param ignored folders that hold nothing that is installed */
export function tracedFiles(folder: string, root: string, ignored: readonly string[]): TracedFiles {
  const uses = new Map<string, Set<string>>();
  const [programs, libraries] = [new Set<string>(), new Set<string>()];
  const roots = [...new Set([root, fileBehind(root)])];
  const others = [...ignored, ...ignored.map(fileBehind)];
  const environments = new Environments(roots);
  for (const { path, use } of callsIn(folder)) {
    if (others.some((each) => isWithin(path, each))) continue;
    const place = roots.find((each) => isWithin(path, each));
    if (place !== undefined && !environments.hold(path)) {
      const name = sourceOf(relative(place, path)) || '.';
      uses.set(name, (uses.get(name) ?? new Set()).add(use === 'execute' ? 'read' : use));
    } else if (use === 'execute') programs.add(path);
    else if (use === 'read' && LIBRARY.test(path)) libraries.add(path);
  }
  const used = [...uses].map(([path, each]) => ({ path, uses: [...each] }));
  return { used, programs: [...programs], libraries: [...libraries] };
}

function callsIn(folder: string): readonly Call[] {
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .flatMap((line) => parseCall(line) ?? []),
  );
}

interface Call {
  readonly path: string;
  readonly use: 'read' | 'list' | 'write' | 'look' | 'execute';
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
    return result === '0' && place.startsWith('/') ? { path: place, use: 'execute' } : undefined;
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
  readonly #roots: readonly string[];
  readonly #known = new Map<string, boolean>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  hold(path: string): boolean {
    return this.#isIn(dirname(path));
  }

  #isIn(folder: string): boolean {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const marks = ['pyvenv.cfg', 'conda-meta'].map((name) => join(folder, name));
    const found =
      this.#roots.some((root) => folder.startsWith(root + sep)) &&
      (/(?:site|dist)-packages$/.test(folder) || marks.some((mark) => existsSync(mark)) || this.#isIn(dirname(folder)));
    this.#known.set(folder, found);
    return found;
  }
}
