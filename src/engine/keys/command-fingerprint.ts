import type { CodeFingerprint } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { CommandProgram } from '../pipeline/stages/command.ts';
import { type CodeFile, codeDigest } from './code-file.ts';
import { type CodePlace, codePaths, readCodeFiles } from './code-files.ts';
import { type CommandCode, commandCode } from './command-code.ts';
import { isJavaScript, packagesOfCommand } from './command-packages.ts';
import { packageScopes } from './package-scope.ts';
import { NO_PYTHON_CODE, type PythonCode, type PythonModule } from './python/python-code.ts';
import { readPythonCode } from './python/read-python-code.ts';
import type { CodeStates } from './stage-fingerprint.ts';

/** Where a command is declared, and where its Python looks for modules. */
export interface CommandPlace extends CodePlace {
  /** Folders of the project that the command has in PYTHONPATH. */
  readonly paths: readonly string[];
  /** The folder below which it is executed: Node looks for packages from there. */
  readonly executedIn: string;
}

/** How often files are read that somebody writes meanwhile. */
const READINGS = 3;

const PYTHON = /\.pyw?$/;

/**
 * The fingerprint of a command: its declaration and its code. What is hashed is kept in the cache, and executed from there.
 * Python files count by their syntax, with the project's modules that they import; other files by their bytes, JavaScript with the installed packages that it imports.
 *
 * @throws {Failure} kind `usage` where the code cannot be read, `environment` where there is no Python to read it
 */
export async function commandFingerprint(
  program: CommandProgram,
  place: CommandPlace,
  states: CodeStates,
): Promise<CodeFingerprint> {
  const { cache } = states;
  const code = await readCommand(program, place, states);
  const packages = states.packages.takeFresh();
  if (!cache.code(code.fingerprint)) await cache.put({ code, stamp: undefined, packages });
  else if (packages.size > 0) await cache.putPackages(packages);
  return code.fingerprint;
}

async function readCommand(program: CommandProgram, place: CommandPlace, states: CodeStates): Promise<CommandCode> {
  for (let reading = 1; ; reading++) {
    const named = codePaths(program.code, place);
    const python = await pythonOf([...named.keys()], place, states, reading > 1);
    const modules = new Map(python.modules.map((module) => [module.path, module]));
    const files = readCodeFiles(
      new Map([...[...modules.keys()].map((path) => [path, undefined] as const), ...named]),
      place,
    );
    const changed = files.find((file) => modules.has(file.path) && modules.get(file.path)?.source !== codeDigest(file));
    if (!changed) {
      const counted = files.map((file) => countedBy(modules.get(file.path), file));
      const scopes = packageScopes(counted, counted.filter(isJavaScript), place.root);
      const all = [...counted, ...scopes].sort((a, b) => (a.path < b.path ? -1 : 1));
      return commandCode(program, all, python.unresolved, packagesOfCommand(program, all, place.executedIn, states));
    }
    if (reading === READINGS) {
      const fact = `${changed.path} was written again and again while it was read`;
      throw new Failure('usage', { fact, fix: 'let its program finish, and repeat the command', range: place.range });
    }
  }
}

/** Stages often have the same entry: it is read once in a command. */
async function pythonOf(
  named: readonly string[],
  place: CommandPlace,
  { cache, files, python }: CodeStates,
  isRepeated: boolean,
): Promise<PythonCode> {
  const entries = named.filter((path) => PYTHON.test(path));
  if (entries.length === 0) return NO_PYTHON_CODE;
  const { paths } = place;
  const name = JSON.stringify([entries, paths]);
  const known = isRepeated ? undefined : python.get(name);
  const found = known ?? readPythonCode({ entries, paths }, place, cache, isRepeated ? undefined : files);
  python.set(name, found);
  return (await found).code;
}

function countedBy(module: PythonModule | undefined, file: CodeFile): CodeFile {
  if (module?.kind === 'syntax') {
    return { ...file, syntax: { digest: module.digest, functions: module.functions ?? {} } };
  }
  return module?.problem === undefined ? file : { ...file, problem: module.problem };
}
