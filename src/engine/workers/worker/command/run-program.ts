import { spawn } from 'node:child_process';
import type { ProgramLine } from '../../../environments/program-line.ts';
import { groupEnded, groupExists, killGroup } from '../../process-group.ts';
import { guard } from './guard.ts';

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly leftOthers: boolean }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not started'; readonly error: NodeJS.ErrnoException };

/** Is told of process groups, so that they can be killed if this process dies. */
export type GroupListener = (group: number, state: 'started' | 'ended') => void;

/** Groups of programs that run now. */
const running = new Set<number>();

/** Kills the programs that run now, with all that they have started. */
export function killPrograms(): void {
  for (const group of running) killGroup(group);
}

/** How a container is removed, with the environment that it needs. */
interface ContainerRemoval {
  readonly name: string;
  readonly line: ProgramLine;
  readonly environment: NodeJS.ProcessEnv;
}

/** What a program is started with. */
export interface ProgramStart {
  readonly line: ProgramLine;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where what it starts is no descendant of it. */
  readonly removal?: ContainerRemoval | undefined;
}

/** Runs a program to its end, in a process group of its own. What it leaves running is killed. Its output goes to that of this process. */
export async function runProgram(
  { line: { program, arguments: rest }, folder, environment, removal }: ProgramStart,
  onGroup: GroupListener,
): Promise<ProgramEnd> {
  let group: number | undefined;
  const guarded = removal && (await guard(removal.name, removal.line, removal.environment));
  try {
    const end = await new Promise<ProgramEnd>((resolve) => {
      const child = spawn(program, rest, {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'inherit', 'inherit'],
        detached: true,
      });
      group = child.pid;
      if (group !== undefined) {
        running.add(group);
        onGroup(group, 'started');
      }
      child.on('error', (error) => resolve({ kind: 'not started', error }));
      child.on('exit', (code, signal) =>
        resolve(signal ? { kind: 'signal', signal } : { kind: 'exit', code: code ?? 0, leftOthers: false }),
      );
    });
    if (end.kind === 'exit') guarded?.release();
    if (group === undefined || !groupExists(group)) return end;
    killGroup(group);
    await groupEnded(group);
    return end.kind === 'exit' ? { ...end, leftOthers: true } : end;
  } finally {
    guarded?.end();
    if (group !== undefined) {
      running.delete(group);
      onGroup(group, 'ended');
    }
  }
}
