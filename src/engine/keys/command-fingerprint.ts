import type { CodeFingerprint } from '../base/digest.ts';
import type { CommandProgram } from '../pipeline/stages/command.ts';
import type { BundleCache } from './bundle-cache.ts';
import { type CodePlace, readCodeFiles } from './code-files.ts';
import { commandCode } from './command-code.ts';

/**
 * The fingerprint of a command: its declaration and its code. What is hashed is kept in the cache, and executed from there.
 * @throws {Failure} kind `usage` where the code cannot be read
 */
export async function commandFingerprint(
  program: CommandProgram,
  place: CodePlace,
  cache: BundleCache,
): Promise<CodeFingerprint> {
  const code = commandCode(program, readCodeFiles(program.code, place));
  if (!cache.code(code.fingerprint)) await cache.put({ code, stamp: undefined, packages: new Map() });
  return code.fingerprint;
}
