import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Keeps a list of process groups, and kills them when its input ends. In the list, each number stands between blanks.
 * Signals of a terminal do not reach it; the one that ends its parent ends its input.
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
 * A small process that outlives this one to kill the workers and what they started, should this one be killed. A worker
 * notices that itself only when its stage gives the processor back, and the programs that it started not at all.
 */
export class Watchdog {
  private process: ChildProcess | undefined;

  watch(group: number): void {
    this.process ??= start();
    this.tell(`watch ${group}`);
  }

  /** To be called as soon as nothing of the group is left: its number may be given to others. */
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
    // In a session of its own: what is sent to the terminal's process group ends it no more than the workers.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
  });
  // A system without a shell does without the watchdog.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  return child;
}
