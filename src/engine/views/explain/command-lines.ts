import { shortIdentity } from '../../environments/environments.ts';
import type { StageCode } from '../../keys/bundle-cache.ts';
import type { UsedSoftware } from '../../keys/software/used-software.ts';
import { describeCommand } from '../../pipeline/stages/command.ts';
import type { PlanStage } from '../../plan/plan.ts';
import type { SeenReads } from '../../store/store.ts';
import { describeSoftware } from '../code/describe-software.ts';

/** What was seen of its programs. */
export interface SeenOfCommand {
  readonly reads?: SeenReads | undefined;
  readonly software?: UsedSoftware | undefined;
}

/** How many imports that cannot be followed are named. */
const NAMED = 5;

/**
 * What a command is, and what its keys cannot hold; nothing for a module.
 * @param code what its present fingerprint stands for
 * @param seen what was seen when it ran the last time, if it has
 * @param environment its identity, if the command names one
 */
export function commandLines(
  { program }: Pick<PlanStage, 'program'>,
  code: StageCode | undefined,
  seen: SeenOfCommand | undefined,
  environment?: string,
): readonly string[] {
  if (program.kind !== 'command') return [];
  return [
    `command: ${describeCommand(program)}`,
    ...codeLines(code),
    ...(seen ? [READS[seen.reads ?? 'none']] : []),
    environment === undefined ? softwareLine(seen) : `environment: ${shortIdentity(environment)}`,
  ];
}

function softwareLine(seen: SeenOfCommand | undefined): string {
  return seen ? describeSoftware(seen.software) : 'reads and environment: known once it has finished';
}

const READS: Readonly<Record<SeenReads, string>> = {
  none: 'reads not tracked: what the program opens outside of its folder is in no key',
  python: 'reads tracked: its Python processes opened no file of the project that is not declared',
  strace: 'reads tracked: no program opened a file of the project that is not declared (strace)',
};

/** What is not known of its Python code. */
function codeLines(code: StageCode | undefined): readonly string[] {
  if (code?.kind !== 'command') return [];
  const { files, unresolved } = code;
  const problems = files.flatMap(({ path, problem }) =>
    problem === undefined ? [] : [`${path} counts by its bytes, and its imports are not followed: ${problem}`],
  );
  const imports = unresolved.map(({ path, line, fact }) => `imports not followed: ${path}:${line} ${fact}`);
  const rest = imports.length - NAMED;
  return [...problems, ...imports.slice(0, NAMED), ...(rest > 0 ? [`imports not followed: ${rest} more`] : [])];
}
