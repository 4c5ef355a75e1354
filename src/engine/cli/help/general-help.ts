import { EXIT_MEANINGS } from '../process/exit-codes.ts';
import { ENVIRONMENT } from './environment.ts';
import { definitions, section } from './manual.ts';

/** What `vmfdag --help` says below the list of commands. */
export function generalHelp(width: number): string {
  return [
    '',
    '"vmfdag init DIR" makes a project to begin with; "vmfdag run" in it runs its pipeline.',
    'Every command has --help: what it does, the files it touches, its exit codes, examples.',
    '"vmfdag completion bash|zsh|fish" prints a script that completes command lines.',
    section('Exit codes', definitions(Object.entries(EXIT_MEANINGS), width)),
    section(
      'Environment',
      definitions(
        ENVIRONMENT.map(({ name, meaning }) => [name, meaning]),
        width,
      ),
    ),
  ].join('\n');
}
