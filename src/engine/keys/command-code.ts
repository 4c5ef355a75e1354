import { type CodeFingerprint, digestValue } from '../base/digest.ts';
import type { CommandProgram } from '../pipeline/stages/command.ts';
import { type CodeFile, codeDigest } from './code-file.ts';

/** Raise it when commands with the same declaration and code are executed differently. */
const COMMAND_SCHEMA = 1;

/** A command with its code, as it is executed. */
export interface CommandCode {
  readonly kind: 'command';
  readonly fingerprint: CodeFingerprint;
  readonly program: CommandProgram;
  /** By path. */
  readonly files: readonly CodeFile[];
}

/** The code of a command. The way in which `code` names its files does not count. */
export function commandCode(program: CommandProgram, files: readonly CodeFile[]): CommandCode {
  const { form, words, inputs } = program;
  const fingerprint = digestValue<CodeFingerprint>([
    'command',
    COMMAND_SCHEMA,
    form,
    words as never,
    inputs,
    files.map((file) => [file.path, file.isExecutable, codeDigest(file)]),
  ]);
  return { kind: 'command', fingerprint, program: { ...program, code: [] }, files };
}
