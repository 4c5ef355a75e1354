import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ProgramLine } from '../../../environments/program-line.ts';

/** The descriptor on which it waits. */
const WAITS_ON = 3;

/** The name by which it knows itself among the processes. */
const NAME = 'vmfdag-guard';

/**
 * The first shell ends at once. So the one that waits is no descendant of the worker, and is not killed with it. A container may still be about
 * to begin when it is removed: a second later it is not. The monitor of a container (conmon) that podman did not live to take note of waits for
 * ever: it has the container's name, and the container is its child.
 */
const PROGRAM = `name=$1; shift
stop() {
  for place in /proc/[0-9]*; do
    line=
    read -r line < "$place/cmdline"
    case $line in
      *${NAME}*) ;;
      *"$name"*) read -r children < "$place/task/\${place#/proc/}/children"; kill -s KILL $children "\${place#/proc/}" ;;
    esac
  done
}
{ read -r word <&${WAITS_ON}; [ "$word" = done ] || { "$@"; sleep 1; "$@"; stop; }; } &`;

export interface Guard {
  /** Nothing is left to remove. */
  release(): void;
  /** Removes at once what is left. */
  end(): void;
}

/**
 * Starts a line when this process ends, however it does, or when `end` is called before `release`. A container is no child of what started it.
 * @param name of the container, which its monitor has in its command line
 */
export async function guard(
  name: string,
  { program, arguments: rest }: ProgramLine,
  environment: NodeJS.ProcessEnv,
): Promise<Guard> {
  const shell = spawn('/bin/sh', ['-c', PROGRAM, NAME, name, program, ...rest], {
    cwd: '/',
    detached: true,
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const pipe = shell.stdio[WAITS_ON] as Writable;
  pipe.on('error', () => {});
  await new Promise<void>((resolve) => {
    shell.on('error', () => resolve());
    shell.on('exit', () => resolve());
  });
  return { release: () => pipe.write('done\n'), end: () => pipe.end() };
}
