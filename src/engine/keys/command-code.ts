import { type CodeFingerprint, digestValue } from '../base/digest.ts';
import type { CommandProgram } from '../pipeline/stages/command.ts';
import { type CodeFile, codeDigest } from './code-file.ts';
import type { PackageGraph } from './package-graph.ts';
import type { UnresolvedImport } from './python/python-code.ts';

/** Raise it when commands with the same declaration and code are executed differently. */
const COMMAND_SCHEMA = 2;

/** A command with its code, as it is executed. */
export interface CommandCode {
  readonly kind: 'command';
  readonly fingerprint: CodeFingerprint;
  readonly program: CommandProgram;
  /** By path. */
  readonly files: readonly CodeFile[];
  /** Imports of its Python files that only an execution could tell. They do not count. */
  readonly unresolved: readonly UnresolvedImport[];
  /** The installed packages that its JavaScript files import: Node finds them from the folder of a node, where that lies in the project. */
  readonly packages?: PackageGraph | undefined;
}

/** The code of a command. The way in which `code` names its files does not count, and its environment counts by what is in it. */
export function commandCode(
  program: CommandProgram,
  files: readonly CodeFile[],
  unresolved: readonly UnresolvedImport[] = [],
  packages?: PackageGraph,
): CommandCode {
  const { form, words, inputs, paths } = program;
  const fingerprint = digestValue<CodeFingerprint>([
    'command',
    COMMAND_SCHEMA,
    form,
    words as never,
    inputs,
    files.map((file) => [file.path, file.isExecutable, ...counted(file)]),
    ...(paths === undefined ? [] : [paths as never]),
    ...(packages === undefined ? [] : [['packages', packages as never]]),
  ]);
  const own = { ...program, code: [], environment: undefined };
  return { kind: 'command', fingerprint, program: own, files, unresolved, ...(packages ? { packages } : {}) };
}

/** What a file counts by. The bytes that are kept of a syntax tree are those that were there first, and are executed ever after. */
function counted(file: CodeFile): readonly [kind: string, digest: string] {
  return file.syntax ? ['syntax', file.syntax.digest] : ['bytes', codeDigest(file)];
}
