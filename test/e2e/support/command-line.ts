import { type ChildProcess, spawn } from 'node:child_process';
import type { RunEvent, RunSummary } from '../../../src/engine/run/events.ts';
import { vmfdag } from './repository.ts';

export interface Ended {
  /** Nothing when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the process the leader of a group of its own, which a test can signal as a whole. */
  readonly detached?: boolean;
  /** A program and its arguments that start the command line, such as `unshare -n`. */
  readonly through?: readonly string[];
  /** Another Node than that of the test. */
  readonly node?: string;
}

/** A command line that is running. */
export class Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';
  private readonly watchers = new Set<() => void>();
  private over = false;

  constructor(
    directory: string,
    args: readonly string[],
    { env = {}, detached = false, through = [], node = process.execPath }: SpawnOptions,
  ) {
    const [program, ...rest] = [...through, node, vmfdag, ...args] as [string, ...string[]];
    this.child = spawn(program, rest, {
      cwd: directory,
      env: { ...cleanEnvironment(), ...env },
      detached,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (this.child.pid === undefined) throw new Error(`cannot start ${program}`);
    this.pid = this.child.pid;
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const watch of [...this.watchers]) watch();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      for (const watch of [...this.watchers]) watch();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.over = true;
        for (const watch of [...this.watchers]) watch();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** The events that it has reported so far. */
  events(): readonly RunEvent[] {
    return eventsOf(this.stdout);
  }

  outputText(): string {
    return this.stdout;
  }

  errorText(): string {
    return this.stderr;
  }

  /** Waits for something to appear in its output; false if it ended before. */
  until(condition: (running: Running) => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const watch = () => {
        const met = condition(this);
        if (!met && !this.over) return;
        this.watchers.delete(watch);
        resolve(met);
      };
      this.watchers.add(watch);
      watch();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Signals its whole process group, as Ctrl-C in a terminal does. Only for a detached one. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }
}

/** Runs a command to its end. */
export function execute(directory: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return new Running(directory, args, options).ended;
}

/** What `run --json` reported, taken apart. */
export interface RunReport extends Ended {
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
  /** Names of the nodes whose execution began, sorted. */
  readonly started: readonly string[];
  readonly finished: readonly string[];
}

/** Takes a finished `run --json` apart. Throws with all it printed if there is no summary. */
export function reportOf(ended: Ended): RunReport {
  const events = eventsOf(ended.stdout);
  const summary = events.at(-1);
  if (summary?.type !== 'summary') {
    throw new Error(`the run ended with ${ended.code ?? ended.signal} and no summary:\n${ended.stdout}${ended.stderr}`);
  }
  return { ...ended, events, summary, started: nodesOf(events, 'started'), finished: nodesOf(events, 'finished') };
}

/** Names of the nodes of all events of a type, each once, sorted. */
export function nodesOf(events: readonly RunEvent[], type: 'started' | 'finished' | 'cutOff' | 'failed' | 'skipped') {
  return [...new Set(events.flatMap((event) => (event.type === type ? [event.node] : [])))].sort();
}

/** The whole lines among a text, parsed. */
function eventsOf(stdout: string): readonly RunEvent[] {
  return stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as RunEvent);
}

/** Vitest's own settings must not reach what it tests, and colours would make texts depend on where the tests run. */
function cleanEnvironment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _colour, VITEST: _vitest, NODE_ENV: _mode, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}
