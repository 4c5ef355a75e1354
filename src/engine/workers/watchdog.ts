import { type ChildProcess, spawn } from 'node:child_process';
import { eventsMark, setupMark } from './unnamed-programs.ts';

/**
 * Keeps a list of process groups, and kills them when its input ends. Blanks surround each number in the list.
 * Signals of a terminal do not reach it. The end of its parent ends its input.
 *
 * Where the parent was killed, a worker may have started a program, and told nobody. `find` gives the marks of such programs. The shell
 * leaves out the null characters that it reads. A second look finds what was replacing its program at the first one.
 */
const PROGRAM = `groups=' '
while read -r verb group more; do
  case $verb in
    watch) groups="$groups$group " ;;
    forget) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
    find) events=$group setup=$more ;;
    done) events= ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
holds() {
  while read -r line || [ -n "$line" ]; do case $line in *$2*$3*) return 0 ;; esac; done < "$1"
  return 1
}
look() {
  for place in /proc/[0-9]*; do
    pid=\${place#/proc/}
    if holds "$place/environ" VMFDAG_EVENTS= "$events" || holds "$place/cmdline" '' "$setup"; then
      kill -s STOP "$pid"
      read -r line < "$place/stat"
      set -- \${line##*) }
      [ "$3" = "$pid" ] && kill -s KILL -- "-$pid"
      kill -s KILL "$pid"
    fi
  done
}
[ -z "$events" ] || { look; look; }`;

/**
 * A small process that outlives this one. If this one is killed, it kills the workers and their children. A worker
 * notices that itself only when its stage yields the processor, and the programs that it started never do.
 */
export class Watchdog {
  private readonly lease: string;
  private process: ChildProcess | undefined;

  /** @param lease that of the run, which its workers and their programs bear */
  constructor(lease: string) {
    this.lease = lease;
  }

  watch(group: number): void {
    if (!this.process) {
      this.process = start();
      this.tell(`find ${eventsMark(this.lease)} ${setupMark(this.lease)}`);
    }
    this.tell(`watch ${group}`);
  }

  /** Call it as soon as nothing of the group is left: the system may reuse its number. */
  forget(group: number): void {
    this.tell(`forget ${group}`);
  }

  /** Kills what is left. Call it when all workers have ended. */
  end(): void {
    this.tell('done');
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
