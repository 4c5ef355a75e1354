import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { Channel } from './channel.ts';
import { limitOutput, openOutputFile, outputBytes, readOutput } from './output-file.ts';
import { groupEnded, killGroup } from './process-group.ts';
import { CHANNEL_DESCRIPTOR, type ToWorker, type WorkerSetup } from './protocol.ts';
import { killUnnamedPrograms } from './unnamed-programs.ts';
import type { Watchdog } from './watchdog.ts';

/** How long an orderly end may take: something that a stage left behind may keep the process busy. */
const ORDERLY_END_MS = 2000;

/** How long to wait for the last output of a process after its end, and for its end after that. */
const LAST_WORDS_MS = 500;

/** The program that runs as a worker. */
export interface WorkerProgram {
  readonly file: string;
  readonly setup: WorkerSetup;
  readonly environment: NodeJS.ProcessEnv;
}

/** A process that executes nodes. It leads a process group of its own, and nothing of the group outlives it. */
export class WorkerProcess {
  /** How it ended. Settles when nothing of its group is alive, and all its messages are received. Never rejects. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly channel: Channel;
  private readonly watchdog: Watchdog;
  /** Standard output and standard error of it and its children. */
  private readonly output: number;
  /** Groups of programs that it has started for its nodes. */
  private readonly groups = new Set<number>();
  private readonly lease: string;
  private fate: string | undefined;

  /** @throws {Error} where the system has no room for another process. */
  constructor(program: WorkerProgram, watchdog: Watchdog, onMessage: (message: unknown) => void) {
    const { file, setup, environment } = program;
    this.watchdog = watchdog;
    this.lease = setup.lease;
    this.output = openOutputFile([tmpdir(), setup.cacheDirectory]);
    this.child = spawn(process.execPath, [file, JSON.stringify(setup)], {
      stdio: ['ignore', this.output, this.output, 'pipe'],
      // The leader of a session and of a process group: signals of the terminal do not reach it and its children.
      detached: true,
      cwd: setup.root,
      env: environment,
    });
    if (this.child.pid !== undefined) watchdog.watch(this.child.pid);
    const socket = this.child.stdio[CHANNEL_DESCRIPTOR] as unknown as Duplex;
    this.channel = new Channel(socket, onMessage);
    socket.on('end', () => this.expectEnd());
    this.ended = this.end(socket);
  }

  send(message: ToWorker): void {
    this.channel.send(message);
  }

  /** Nothing of such a group outlives it either, however it ends. */
  noteGroup(group: number, state: 'started' | 'ended'): void {
    if (state === 'started') {
      this.groups.add(group);
      this.watchdog.watch(group);
    } else if (this.groups.delete(group)) this.watchdog.forget(group);
  }

  /** The end of what it and its children have printed since the last job began. Call it before `close`. */
  lastWords(): string {
    return readOutput(this.output).toString('utf8');
  }

  /** How many bytes that is. */
  get printedBytes(): number {
    return outputBytes(this.output);
  }

  /** The end of it from a position on. */
  printedSince(position: number): Buffer {
    return readOutput(this.output, position);
  }

  limitOutput(): void {
    limitOutput(this.output);
  }

  /** Asks it to end in order, and kills it if it does not. */
  endSoon(): void {
    this.send({ type: 'exit' });
    this.killAfter(ORDERLY_END_MS);
  }

  /** Kills it and its children. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid);
  }

  close(): void {
    closeSync(this.output);
  }

  /** The other end of the channel is closed, by the end of the process or by a stage. No message can follow. */
  private expectEnd(): void {
    this.killAfter(LAST_WORDS_MS, 'closed its channel to vmfdag');
  }

  private killAfter(milliseconds: number, fate?: string): void {
    const timer = setTimeout(() => {
      this.fate = fate;
      this.kill();
    }, milliseconds);
    void this.ended.then(() => clearTimeout(timer));
  }

  private async end(socket: Duplex): Promise<string> {
    const { child } = this;
    const how = await new Promise<string>((resolve) => {
      child.on('error', ({ message }) => resolve(`could not be started (${message})`));
      child.on('exit', (code, signal) => resolve(signal ? `was killed by ${signal}` : `ended with exit code ${code}`));
    });
    if (child.pid !== undefined) {
      killGroup(child.pid);
      await groupEnded(child.pid);
      this.watchdog.forget(child.pid);
    }
    await drained(socket);
    // The last messages may have named one.
    for (const group of this.groups) {
      killGroup(group);
      await groupEnded(group);
      this.watchdog.forget(group);
    }
    // It may have had no time for its last messages.
    const { pid } = child;
    if (pid !== undefined && child.exitCode !== 0) await killUnnamedPrograms({ pid, lease: this.lease });
    return this.fate ?? how;
  }
}

/** Settles when everything that was written to the other end has been received, even if another process holds it open. */
function drained(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
