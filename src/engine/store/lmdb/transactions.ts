import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import { markClosed } from './close-mark.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import {
  causeOfCommitFailure,
  damagedFile,
  isWorthAnotherTry,
  removedCache,
  storeFailure,
  unwritableCache,
} from './failure.ts';
import { checkDatabaseFile } from './file-check.ts';
import type { Creation, OpenedEnvironment } from './open.ts';
import type { SealedTable } from './sealed-table.ts';

/** A key of the table of notes. */
const LEASE_KEY = Buffer.from('lease');

const CLOSE_MILLISECONDS = 200;

/** The stored description of the lease. */
interface KeptLease {
  readonly token: string;
}

/** Writes to the database of an opened cache: each is on the disk when it settles, and none is of a run that has lost the lease. */
export class Transactions {
  private readonly opened: OpenedEnvironment;
  private readonly directory: string;
  private readonly creation: Creation;
  private readonly notes: SealedTable;
  private readonly database: string;
  /** The file that was opened. */
  private readonly first: Stats | undefined;
  /** Writes that are committed but not yet flushed. */
  private readonly waiting = new Set<(error: unknown) => void>();
  private lease: string | undefined;
  private hasFailed = false;
  /** Whether the file was found to be damaged. Then nobody may rely on its close mark. */
  private isSuspect = false;

  constructor(opened: OpenedEnvironment, directory: string, creation: Creation, notes: SealedTable) {
    this.opened = opened;
    this.directory = directory;
    this.creation = creation;
    this.notes = notes;
    this.database = join(opened.folder, 'data.mdb');
    this.first = statSync(this.database, { throwIfNoEntry: false });
  }

  /** @param token of the lease without which nothing may be written; undefined where others may write too */
  writeUnder(token: string | undefined): void {
    this.lease = token;
  }

  /** @param fact `cannot write the pin` */
  async write(fact: string, puts: () => void): Promise<void> {
    if (this.opened.access === 'read') throw unwritableCache(this.directory);
    const once = () =>
      this.commit(() => {
        this.checkLease();
        puts();
      });
    try {
      await once().catch((cause: unknown) => (isWorthAnotherTry(cause) ? once() : Promise.reject(cause)));
    } catch (cause) {
      throw storeFailure(cause, `${fact} in ${this.directory}`, this.directory);
    }
  }

  /** For the results of a run. */
  async writeForGood(fact: string, puts: () => void): Promise<void> {
    await this.write(fact, puts);
    this.checkPresence();
  }

  exchangeLease(exchange: (current: JsonValue | undefined) => JsonValue | undefined): void {
    const { environment, access } = this.opened;
    if (access === 'read') throw unwritableCache(this.directory);
    try {
      environment.transactionSync(() => {
        const current = this.notes.get(LEASE_KEY);
        const next = exchange(current && decodedOr(() => decodeJson<JsonValue>(current)));
        if (next === undefined) this.notes.remove(LEASE_KEY);
        else this.notes.put(LEASE_KEY, encodeJson(next));
      });
    } catch (error) {
      throw storeFailure(error, `cannot write the lease in ${this.directory}`, this.directory);
    }
  }

  checkPresence(): void {
    const { database, first } = this;
    const now = statSync(database, { throwIfNoEntry: false });
    if (now?.ino !== first?.ino) throw removedCache(this.directory);
    // LMDB never shortens the file. Reading on would end this process by a signal.
    if (now && first && now.size < first.size) {
      this.isSuspect = true;
      throw damagedFile(database, `it was cut off after ${now.size} bytes`);
    }
  }

  checkFile(): void {
    const before = this.isSuspect;
    this.isSuspect = true;
    checkDatabaseFile(this.database);
    this.isSuspect = before;
  }

  async close(): Promise<void> {
    const { environment, folder, access } = this.opened;
    // After a failed commit, lmdb would wait forever for it to reach the disk.
    await (this.hasFailed ? Promise.race([environment.close(), sleep(CLOSE_MILLISECONDS)]) : environment.close());
    const isInOrder = !this.hasFailed && !this.isSuspect && this.isStillWhole();
    if (access === 'write' && this.creation !== 'checked' && isInOrder) markClosed(folder);
  }

  private async commit(puts: () => void): Promise<void> {
    try {
      await this.opened.environment.transaction(puts);
      await this.flushed();
    } catch (error) {
      const cause = await causeOfCommitFailure(error);
      if (cause !== error) {
        this.hasFailed = true;
        // lmdb never informs those that wait for the disk when a commit that was grouped with theirs has failed.
        for (const reject of this.waiting) reject(cause);
        this.waiting.clear();
      }
      throw cause;
    }
  }

  private flushed(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.waiting.add(reject);
      this.opened.environment.flushed.then(() => {
        this.waiting.delete(reject);
        resolve();
      }, reject);
    });
  }

  /** Call it only inside a transaction: then no other process can begin a run before the write. */
  private checkLease(): void {
    if (this.lease === undefined) return;
    const current = this.notes.get(LEASE_KEY);
    if (current && decodedOr(() => decodeJson<Partial<KeptLease>>(current))?.token === this.lease) return;
    throw new Failure('store', {
      fact: `another run has begun on the cache in ${this.directory}`,
      fix: 'the run that this process worked for was ended: run again',
    });
  }

  /** Whether the file is the one that was opened, and has not become shorter. */
  private isStillWhole(): boolean {
    const now = statSync(this.database, { throwIfNoEntry: false });
    return this.first !== undefined && now?.ino === this.first.ino && now.size >= this.first.size;
  }
}
