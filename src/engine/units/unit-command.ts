import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { deferred } from '../base/deferred.ts';
import { groupEnded, killGroup } from '../workers/process-group.ts';
import type { Watchdog } from '../workers/watchdog.ts';
import { Connection } from './connection.ts';
import type { Frame } from './frames.ts';
import type { Transport, TransportEnd } from './transport.ts';

/** How long the other side has to end its own processes once its input has ended. */
const ORDERLY_END_MS = 5000;
/** A program that has left the group of an ended command may hold its pipes for good: what is silent for so long is not read any more. */
const LAST_BYTES_MS = 3000;
/** What it says last on its way out. A program that it has left behind may hold that pipe too. */
const LAST_WORDS_MS = 500;
/** How much of its messages is kept. */
const LONGEST_WORDS = 16 * 1024;

interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** How long it has to end once its input has ended. */
  readonly orderlyEndMs?: number;
}

/** A running command line with a unit at its other end. Nothing of its process group outlives it. */
export class UnitCommand implements Transport {
  readonly connection: Connection;
  /** Never rejects. */
  readonly ended: Promise<TransportEnd>;
  private readonly child: ChildProcess;
  private readonly orderlyEndMs: number;
  private said = '';

  /** @param watchdog ends it if this process is killed; undefined for what ends itself then, with more than its group
   * @throws {Error} where the system has no room for another process */
  constructor(
    [program, ...args]: readonly string[],
    folder: string,
    watchdog: Watchdog | undefined,
    onFrame: (frame: Frame) => Promise<void> | undefined,
    { environment = process.env, orderlyEndMs = ORDERLY_END_MS }: CommandOptions = {},
  ) {
    this.orderlyEndMs = orderlyEndMs;
    this.child = spawn(program as string, args, {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Signals of the terminal do not reach it: the run decides when it ends.
      detached: true,
    });
    const { pid, stdin, stdout, stderr } = this.child;
    if (pid !== undefined) watchdog?.watch(pid);
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-LONGEST_WORDS);
    });
    this.connection = new Connection(stdout as Readable, stdin as Writable, onFrame);
    this.ended = this.end(watchdog);
  }

  /** What it has said so far. */
  get words(): string {
    return this.said.trim() || this.connection.prologue.trim();
  }

  /** Ends it, in order if it does so soon. */
  async stop(): Promise<void> {
    this.connection.end();
    const timer = setTimeout(() => this.kill(), this.orderlyEndMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid);
  }

  private async end(watchdog: Watchdog | undefined): Promise<TransportEnd> {
    const { child, connection } = this;
    const exit = deferred<string>();
    child.on('error', ({ message }) => exit.resolve(`could not be started (${message})`));
    child.on('exit', (code, signal) =>
      exit.resolve(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
    );
    let isRunning = true;
    // What speaks another language would never end on its own.
    void connection.ended.then((error) => {
      if (!error || !isRunning) return;
      this.said += `\n${error.message}`;
      this.kill();
    });
    const how = await exit.promise;
    isRunning = false;
    if (child.pid !== undefined) {
      killGroup(child.pid);
      await groupEnded(child.pid);
      watchdog?.forget(child.pid);
    }
    child.stdin?.destroy();
    await this.readRest();
    return { how, words: this.words };
  }

  private async readRest(): Promise<void> {
    const { connection } = this;
    const { stdout, stderr } = this.child;
    for (let heard = -1; heard !== connection.heard; ) {
      heard = connection.heard;
      const isRead = connection.ended.then(() => true);
      if (await Promise.race([isRead, wait(LAST_BYTES_MS, false, { ref: false })])) break;
    }
    stdout?.destroy();
    await connection.ended;
    if (stderr && !stderr.closed) await Promise.race([once(stderr, 'close'), wait(LAST_WORDS_MS, [], { ref: false })]);
    stderr?.destroy();
  }
}
