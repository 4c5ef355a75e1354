import { spawn } from 'node:child_process';
import type { ProgramLine } from '../../../environments/program-line.ts';
import { groupEnded, groupExists, killGroup } from '../../process-group.ts';
import { guard } from './guard.ts';
import { isLaunchable, type Launch, type LaunchedEnd, type Launcher } from './launcher.ts';

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly left: Left }
  | Exclude<LaunchedEnd, { kind: 'exit' }>;

/** What became of the processes that a program started: there are none, they were killed with its group, or nobody knows all of them. */
type Left = 'nothing' | 'killed' | 'unknown';

/** Is told of process groups, so that they can be killed if this process dies. */
export type GroupListener = (group: number, state: 'started' | 'ended') => void;

/** How a container is removed, with the environment that it needs. */
interface ContainerRemoval {
  readonly name: string;
  readonly line: ProgramLine;
  readonly environment: NodeJS.ProcessEnv;
}

/** What a program is started with. */
export interface ProgramStart extends Launch {
  /** Where what it starts is no descendant of it. */
  readonly removal?: ContainerRemoval | undefined;
}

/**
 * Most programs have ended by then, and nobody is told of their group. If this process is killed before, what it has started is found by what it
 * got from it, where the system shows that.
 */
const TOLD_AFTER_MS = process.platform === 'linux' ? 50 : 0;

/** Runs programs in process groups of their own. Their output goes to that of this process. */
export class Programs {
  private readonly start: () => Launcher | undefined;
  /** Groups of programs that run now. */
  private readonly running = new Set<number>();
  private launcher: Launcher | undefined;

  /** @param start starts a launcher; without one, this process starts programs itself */
  constructor(start: () => Launcher | undefined) {
    this.start = start;
  }

  /** Runs one to its end. What it leaves running is killed. */
  async run(program: ProgramStart, onGroup: GroupListener): Promise<ProgramEnd> {
    const { removal } = program;
    const guarded = removal && (await guard(removal.name, removal.line, removal.environment));
    let group: number | undefined;
    let telling: Telling | undefined;
    try {
      const end = await this.ended(program, (leader) => {
        group = leader;
        this.running.add(leader);
        telling = tellSoon(leader, onGroup);
      });
      if (end.kind === 'exit') guarded?.release();
      const left = end.kind === 'exit' && end.isLast ? 'nothing' : await killLeft(group);
      return end.kind === 'exit' ? { kind: 'exit', code: end.code, left } : end;
    } finally {
      guarded?.end();
      if (group !== undefined) this.running.delete(group);
      telling?.end();
    }
  }

  /** Kills what runs now, with all that it has started. */
  kill(): void {
    for (const group of this.running) killGroup(group);
  }

  /** Settles when no process waits for programs to start. */
  async end(): Promise<void> {
    const { launcher } = this;
    this.launcher = undefined;
    await launcher?.end();
  }

  private ended(launch: Launch, onStart: (group: number) => void): Promise<LaunchedEnd> {
    if (!isLaunchable(launch)) return spawned(launch, onStart);
    this.launcher ??= this.start();
    return this.launcher?.run(launch, onStart) ?? spawned(launch, onStart);
  }
}

async function killLeft(group: number | undefined): Promise<Left> {
  if (group === undefined || !groupExists(group)) return 'unknown';
  killGroup(group);
  await groupEnded(group);
  return 'killed';
}

/** Starts a program from this process. */
function spawned({ line, folder, environment }: Launch, onStart: (group: number) => void): Promise<LaunchedEnd> {
  return new Promise((resolve) => {
    const child = spawn(line.program, line.arguments, {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    if (child.pid !== undefined) onStart(child.pid);
    child.on('error', (error) => resolve({ kind: 'not started', error }));
    child.on('exit', (code, signal) =>
      resolve(signal ? { kind: 'signal', signal } : { kind: 'exit', code: code ?? 0, isLast: false }),
    );
  });
}

interface Telling {
  end(): void;
}

function tellSoon(group: number, onGroup: GroupListener): Telling {
  let isTold = false;
  const tell = () => {
    isTold = true;
    onGroup(group, 'started');
  };
  if (TOLD_AFTER_MS === 0) tell();
  const timer = isTold ? undefined : setTimeout(tell, TOLD_AFTER_MS);
  return {
    end() {
      clearTimeout(timer);
      if (isTold) onGroup(group, 'ended');
    },
  };
}
