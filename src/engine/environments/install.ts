import { spawn } from 'node:child_process';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import { type ProgramLine, projectOf } from './program-line.ts';

/** What brings an environment up to date; undefined where that is left to the user. */
export function installationOf(environment: ProgramEnvironment, root: string): ProgramLine | undefined {
  if (environment.tool !== 'uv') return undefined;
  // Without the project itself: its modules are code of the stage, and found in the node's folder.
  const options = ['sync', '--locked', '--no-install-project', '--project', projectOf(environment.lock, root)];
  return { program: 'uv', arguments: options };
}

/** Runs a line to its end, while this process does other things. Whoever runs it next hears what is wrong. */
export async function runAside(line: ProgramLine, folder: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const child = spawn(line.program, line.arguments, { cwd: folder, stdio: 'ignore', signal });
    child.on('error', () => resolve()).on('exit', () => resolve());
  });
}
