import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Keeps a list of process groups, and kills them when its input ends. Blanks surround each number in the list.
 * Signals of a terminal do not reach it. The end of its parent ends its input.
 */
const PROGRAM = `groups=' '
while read -r verb group; do
  case $verb in
    watch) groups="$groups$group " ;;
    forget) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done`;

/**
 * A small process that outlives this one. If this one is killed, it kills the workers and their children. A worker
 * notices that itself only when its stage yields the processor, and the programs that it started never do.
 */
export class Watchdog {
  private process: ChildProcess | undefined;

  watch(group: number): void {
    this.process ??= start();
    this.tell(`watch ${group}`);
  }

  /** Call it as soon as nothing of the group is left: the system may reuse its number. */
  forget(group: number): void {
    this.tell(`forget ${group}`);
  }

  /** Kills what is left. */
  end(): void {
    this.process?.stdin?.end();
    this.process = undefined;
  }

  private tell(line: string): void {
    this.process?.stdin?.write(`${line}\n`);
  }
}

function start(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', PROGRAM, 'vmfdag-watchdog'], {
    // In a session of its own: signals to the terminal's process group reach it as little as the workers.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
  });
  // A system without a shell has no watchdog.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  return child;
}
