import { createReadStream, createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { deferred } from '../../base/deferred.ts';
import { Failure } from '../../base/failure.ts';
import { printable } from '../../base/printable.ts';
import manifest from '../../package.json' with { type: 'json' };
import { Connection } from '../../units/connection.ts';
import { NoFrame } from '../../units/frames.ts';
import { enterHostCache } from '../../units/host-cache.ts';
import { MailboxReader, MailboxWriter, makeMailbox } from '../../units/mailbox.ts';
import { showSignsOfLife } from '../../units/signs-of-life.ts';
import { UnitService } from '../../units/unit-service.ts';
import { withStore } from '../cache/open-cache.ts';

export interface UnitOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  /** Folder whose packages stages use. */
  readonly root?: string;
  /** The cache of the units of this host. */
  readonly cache?: string;
  /** Bytes above which that is emptied when a unit begins and no other one uses it. */
  readonly limit?: number;
}

const STANDARD_OUTPUT = 1;

const LIMIT_BYTES = 20 * 2 ** 30;

const WATCH_MS = 1000;

/** How long the run may take to read the last messages in a folder. */
const LAST_READ_MS = 60_000;

/** Where messages come from: the end of a file is no end of the run. */
export type UnitSource = { readonly kind: 'file'; readonly name: string } | { readonly kind: 'stream' };

/**
 * Executes the jobs that come. The end of standard input is the end of the run: then what is under way ends too. What a file holds is executed to
 * its end.
 * @throws {Failure} kind `usage` for a file that cannot be read, and for something else than messages of a run
 */
export function serveUnit(source: UnitSource, options: UnitOptions): Promise<void> {
  const input = source.kind === 'file' ? createReadStream(source.name) : process.stdin;
  return serve(input, standardOutput(), options, source);
}

/** Executes the jobs that come through a folder, until the run ends the conversation or has nothing to say for so long. */
export async function serveMailbox(folder: string, idleSeconds: number, options: UnitOptions): Promise<void> {
  const { toUnit, fromUnit } = await makeMailbox(resolve(folder));
  const input = new MailboxReader(Promise.resolve(toUnit));
  const output = new MailboxWriter(Promise.resolve(fromUnit));
  const isForsaken = () => input.silence > idleSeconds;
  try {
    await serve(input, output, options, { kind: 'mailbox', isForsaken });
  } finally {
    input.destroy();
    const read = finished(output, { readable: false }).catch(() => {});
    // A run that is gone reads nothing, and without room nothing more is written.
    if (!isForsaken()) await Promise.race([read, wait(LAST_READ_MS, undefined, { ref: false })]);
    output.destroy();
  }
}

/** A run that is gone says nothing through a folder. */
type Source = UnitSource | { readonly kind: 'mailbox'; readonly isForsaken: () => boolean };

async function serve(
  input: Readable,
  output: Writable,
  { workerFile, root, cache, limit = LIMIT_BYTES }: UnitOptions,
  source: Source,
): Promise<void> {
  const cacheDirectory = resolve(cache ?? hostCache());
  const entered = await enterHostCache(cacheDirectory, limit);
  const problem = await withStore(cacheDirectory, async (store) => {
    const place = { root: root === undefined ? undefined : resolve(root), cacheDirectory, workerFile };
    let connection: Connection;
    const service = new UnitService(store, { ...place, version: manifest.version }, () => connection);
    connection = new Connection(input, output, (frame) => service.receive(frame));
    // A shell may have printed something without an end of line: this is one.
    connection.signOfLife();
    service.greet();
    const over = deferred<Error | undefined>();
    const giveUp = () => over.resolve(undefined);
    void connection.ended.then(over.resolve);
    // Without a reader there is no run either.
    output.once('error', giveUp);
    const endWatch = watchRun(source, connection, service, giveUp);
    const error = await over.promise;
    endWatch();
    if (source.kind === 'file') await service.finish();
    await service.stop();
    connection.end();
    return problemOf(source, error, connection);
  }).finally(() => entered.leave());
  if (problem) throw problem;
}

/** Watches whether the run is still there: one that is gone may not have ended its messages. @returns ends it */
function watchRun(source: Source, connection: Connection, service: UnitService, onGone: () => void): () => void {
  if (source.kind === 'file') return () => {};
  if (source.kind === 'stream') return showSignsOfLife(connection, onGone);
  const watch = setInterval(() => {
    if (service.waitsForRun && source.isForsaken()) onGone();
  }, WATCH_MS);
  return () => clearInterval(watch);
}

/** What is wrong with what has come. A stream may end anywhere: then the run is gone. */
function problemOf(source: Source, error: Error | undefined, { isWhole, prologue }: Connection): Failure | undefined {
  const fix = 'the messages of a run are what it writes to its units (docs/cluster.md)';
  const place = source.kind === 'file' ? source.name : 'vmfdag unit';
  if (error instanceof NoFrame) return new Failure('usage', { fact: `${place}: ${error.message}`, fix });
  if (source.kind !== 'file') return undefined;
  if (error) return new Failure('usage', { fact: `${place} cannot be read: ${error.message}`, fix });
  if (isWhole) return undefined;
  const [first = ''] = prologue.trim().split('\n', 1);
  const why = first === '' ? 'it ends in the middle of a message' : `this is no message: ${printable(first)}`;
  return new Failure('usage', { fact: `${place}: ${why}`, fix });
}

/** One for all runs that send units to this host: bytes come here once. */
function hostCache(): string {
  const { XDG_CACHE_HOME } = process.env;
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'vmfdag', 'units');
}

/** Node's own waits for the reader of a pipe, and no other message would be read meanwhile. */
function standardOutput(): Writable {
  const found = fstatSync(STANDARD_OUTPUT);
  const isStream = found.isFIFO() || found.isSocket();
  return isStream
    ? new Socket({ fd: STANDARD_OUTPUT, readable: false, writable: true })
    : createWriteStream('', { fd: STANDARD_OUTPUT, autoClose: false });
}
