import { dirname, resolve } from 'node:path';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';

/** A program with its arguments. */
export interface ProgramLine {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** The line that starts a program in an environment. @param root the pipeline's folder */
export function lineIn(environment: ProgramEnvironment, root: string, line: ProgramLine): ProgramLine {
  switch (environment.tool) {
    case 'uv': {
      // It was brought up to date before the run: nodes that run at the same time must not install anything.
      const options = ['run', '--frozen', '--no-sync', '--project', projectOf(environment, root)];
      return { program: 'uv', arguments: [...options, '--', line.program, ...line.arguments] };
    }
    case 'pip':
      return line;
  }
}

/** The line that installs what is missing in an environment; undefined where the user does that. */
export function installation(environment: ProgramEnvironment, root: string): ProgramLine | undefined {
  if (environment.tool !== 'uv') return undefined;
  // Without the project itself: its modules are code of the stage, and found in the node's folder.
  const options = ['sync', '--locked', '--no-install-project', '--project', projectOf(environment, root)];
  return { program: 'uv', arguments: options };
}

function projectOf({ lock }: ProgramEnvironment, root: string): string {
  return dirname(resolve(root, lock));
}

/** The folder whose programs come before those of PATH: `python` is then that of the environment. */
export function programFolder(environment: ProgramEnvironment, root: string): string | undefined {
  if (environment.tool !== 'pip' || !environment.interpreter.includes('/')) return undefined;
  return dirname(resolve(root, environment.interpreter));
}

/** Variables that say where a tool keeps its environments, and from where it fills them. None is meant to change a result. */
export function isOfTool(environment: ProgramEnvironment, variable: string): boolean {
  return environment.tool === 'uv' && /^(UV_|SSL_CERT_|(https?|no|all)_proxy$)/i.test(variable);
}
