import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

// A stream of bytes through a folder that two machines see: numbered files, each of which appears whole, by its renaming, and is removed by who has
// read it. An empty file is the end. This needs no locks, and works on network file systems.

/** Milliseconds between two looks: short at first, longer while nothing comes. */
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** After the end of the writer: a network file system may show its last files a little later. */
const SETTLE_MS = 500;

/** So many files may be there unread. The writer waits, so that a reader that is gone does not fill the disk. */
const MOST_UNREAD = 64;

function fileOf(folder: string, number: number): string {
  return join(folder, String(number).padStart(10, '0'));
}

async function pause(rounds: number): Promise<void> {
  await wait(Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 1.3 ** rounds));
}

/** The end of a mailbox to write to. @param folder need not be known at first: what is written waits */
export class MailboxWriter extends Writable {
  private readonly folder: Promise<string>;
  private next = 1;

  constructor(folder: Promise<string>) {
    super({ highWaterMark: 4 * 1024 * 1024 });
    this.folder = folder;
    folder.catch((error: Error) => this.destroy(error));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.put([chunk]).then(() => done(), done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error) => void): void {
    this.put(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.put([]).then(() => done(), done);
  }

  private async put(chunks: readonly Buffer[]): Promise<void> {
    const folder = await this.folder;
    const number = this.next++;
    for (let round = 0; existsSync(fileOf(folder, number - MOST_UNREAD)); round++) {
      if (this.destroyed) return;
      await pause(round);
    }
    const part = `${fileOf(folder, number)}.part`;
    await writeFile(part, Buffer.concat(chunks));
    await rename(part, fileOf(folder, number));
  }
}

/** The end of a mailbox to read from. It looks for files until it is destroyed. */
export class MailboxReader extends Readable {
  private readonly folder: Promise<string>;
  private next = 1;
  private isLooking = false;
  /** When the writer was known to have ended. */
  private endedMs: number | undefined;
  /** When something was read last. */
  private lastMs = Date.now();

  constructor(folder: Promise<string>) {
    super({ highWaterMark: 4 * 1024 * 1024 });
    this.folder = folder;
    folder.catch((error: Error) => this.destroy(error));
  }

  /** Seconds since something came. */
  get silence(): number {
    return (Date.now() - this.lastMs) / 1000;
  }

  /** The writer has ended, perhaps without saying so: what it has written is read, and that is the end. */
  finish(): void {
    this.endedMs ??= Date.now();
  }

  override _read(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    this.look()
      .catch((error: Error) => this.destroy(error))
      .finally(() => {
        this.isLooking = false;
      });
  }

  private async look(): Promise<void> {
    const folder = await this.folder;
    for (let round = 0; !this.destroyed; ) {
      const isSettled = this.endedMs !== undefined && Date.now() - this.endedMs >= SETTLE_MS;
      const content = await this.takeFile(fileOf(folder, this.next));
      if (content === undefined && isSettled) {
        this.push(null);
        return;
      }
      if (content === undefined) {
        await pause(round++);
        continue;
      }
      round = 0;
      this.next++;
      this.lastMs = Date.now();
      if (content.length === 0) {
        this.push(null);
        return;
      }
      if (!this.push(content)) return;
    }
  }

  private async takeFile(file: string): Promise<Buffer | undefined> {
    try {
      const content = await readFile(file);
      await rm(file, { force: true });
      return content;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // ESTALE: a network file system has noticed a renaming.
      if (code === 'ENOENT' || code === 'ESTALE') return undefined;
      throw error;
    }
  }
}

/** The two folders of a conversation. */
export interface Mailbox {
  readonly toUnit: string;
  readonly fromUnit: string;
}

/** Makes a mailbox, which appears whole. */
export async function makeMailbox(folder: string): Promise<Mailbox> {
  const part = `${folder}.part`;
  await mkdir(mailboxOf(part).toUnit, { recursive: true });
  await mkdir(mailboxOf(part).fromUnit, { recursive: true });
  await rename(part, folder);
  return mailboxOf(folder);
}

export function mailboxOf(folder: string): Mailbox {
  return { toUnit: join(folder, 'to-unit'), fromUnit: join(folder, 'from-unit') };
}
