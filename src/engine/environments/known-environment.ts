import type { SourceRange } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import { nameOf } from './program-line.ts';

/** What an environment turned out to have. */
export interface KnownEnvironment {
  /** As in its identity: `CPython 3.11.2`, `linux-x86_64`. */
  readonly has: readonly string[];
  /** Files and folders that change when something is installed in it, or replaced. */
  readonly files: readonly string[];
}

/** An environment, and where the pipeline file asks for it. */
export interface AskedEnvironment<Environment extends ProgramEnvironment = ProgramEnvironment> {
  readonly environment: Environment;
  readonly range: SourceRange;
}

/** A package that is not there, or in another version. */
export interface DifferentPackage {
  readonly name: string;
  readonly wanted: string;
  readonly found: string | null;
}

/** How many packages a message names. */
const NAMED = 3;

export function noProgram({ environment, range }: AskedEnvironment, program: string, fix: string): Failure {
  const fact = `the environment of ${nameOf(environment)} needs ${program}, which is not there`;
  return new Failure('environment', { fact, fix, range });
}

export function notEntered({ environment, range }: AskedEnvironment, why: string, fix: string): Failure {
  const fact = `the environment of ${nameOf(environment)} cannot be entered: ${why}`;
  return new Failure('environment', { fact, fix, range });
}

/** @param what differs from the lock file */
export function differs(
  { environment, range }: AskedEnvironment,
  what: string,
  different: readonly DifferentPackage[],
  fix: string,
): Failure {
  const named = different
    .slice(0, NAMED)
    .map(({ name, wanted, found }) => `${name} ${found ?? 'is missing'}${found ? ` for ${wanted}` : ''}`);
  const more = different.length > NAMED ? ` and ${different.length - NAMED} more` : '';
  return new Failure('environment', {
    fact: `${what} differs from ${nameOf(environment)}: ${named.join(', ')}${more}`,
    fix,
    range,
  });
}
