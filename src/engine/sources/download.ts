import { createWriteStream, rmSync, statSync } from 'node:fs';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { makeFolder } from '../base/make-folder.ts';
import { hashHandle, withHandle } from '../store/blobs/file-bytes.ts';

const REDIRECTIONS = 10;

export interface DownloadOptions {
  /** Milliseconds before each further try. After a try that brought bytes, the list begins again. */
  readonly pauses: readonly number[];
  /** Milliseconds without a byte after which a try has failed. */
  readonly patience: number;
  readonly log: (line: string) => void;
  /** Between 0 and 1, where the server says how long the file is. */
  readonly progress: (fraction: number) => void;
}

/** Why a download ended without the bytes. */
export class DownloadProblem extends Error {
  /** Whether another try may succeed. */
  readonly isPassing: boolean;

  constructor(fact: string, isPassing: boolean) {
    super(fact);
    this.isPassing = isPassing;
  }
}

/**
 * Downloads to a file, of which an earlier try may have left the beginning. The bytes go to the disk as they come. Only the whole file is
 * checked, so a server that changes the file meanwhile is noticed too.
 * @throws {DownloadProblem} where no try gave the bytes with this digest
 */
export async function download(url: string, sha256: string, file: string, options: DownloadOptions): Promise<void> {
  makeFolder(dirname(file));
  let pauses = [...options.pauses];
  for (;;) {
    const before = sizeOf(file);
    try {
      await receive(new URL(url), file, options);
      const { digest } = await withHandle(file, 'r', (handle) => hashHandle(handle));
      if (digest === sha256) return;
      rmSync(file, { force: true });
      // The beginning of an earlier try may be of another version of the file.
      if (before === 0) throw new DownloadProblem(`its SHA-256 is ${digest}, and ${sha256} is declared`, false);
      options.log(`the resumed file has another digest: downloading all of ${url}`);
    } catch (error) {
      const problem = problemOf(url, error);
      if (sizeOf(file) > before) pauses = [...options.pauses];
      const pause = pauses.shift();
      if (!problem.isPassing || pause === undefined) throw problem;
      options.log(`${problem.message}; trying again in ${pause / 1000} s`);
      await wait(pause);
    }
  }
}

function problemOf(url: string, error: unknown): DownloadProblem {
  if (error instanceof DownloadProblem) return error;
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  // A full disk will not be less full in a second.
  const isOfDisk = syscall === 'write' || syscall === 'open';
  return new DownloadProblem(
    `${url} was not received to its end (${code ?? message})`,
    !isOfDisk || code === 'ECONNRESET',
  );
}

/** One try. What it brought stays in the file. */
async function receive(url: URL, file: string, options: DownloadOptions, redirections = 0): Promise<void> {
  const start = sizeOf(file);
  const response = await answerOf(url, start, options.patience);
  const { statusCode: status = 0, headers } = response;
  try {
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      if (redirections === REDIRECTIONS) throw new DownloadProblem(`${url.href} redirects too often`, false);
      const next = new URL(headers.location, url);
      if (!/^https?:$/.test(next.protocol))
        throw new DownloadProblem(`${url.href} redirects to ${next.protocol}`, false);
      response.destroy();
      await receive(next, file, options, redirections + 1);
      return;
    }
    // There is nothing after the bytes that are here: they are all, or of another file.
    if (status === 416 && start > 0) return;
    if (status !== 200 && status !== 206) {
      const isPassing = status >= 500 || status === 408 || status === 429;
      throw new DownloadProblem(`${url.href} answers ${status} ${response.statusMessage ?? ''}`.trimEnd(), isPassing);
    }
    // A server that knows no ranges sends all of it.
    const at = status === 206 ? start : 0;
    const length = Number(headers['content-length'] ?? Number.NaN);
    let received = at;
    response.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (length > 0) options.progress(received / (at + length));
    });
    await pipeline(response, createWriteStream(file, { flags: at > 0 ? 'a' : 'w' }));
    if (length >= 0 && received < at + length) throw new DownloadProblem(`${url.href} ended too early`, true);
  } finally {
    response.destroy();
  }
}

function answerOf(url: URL, start: number, patience: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? requestSecure : requestPlain;
    // `identity`: the digest is that of the file, not of what a server made of it for the way.
    const headers = { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
    const request = ask(url, { headers, agent: false, timeout: patience });
    request.on('timeout', () => {
      const fact = `${url.href} sent nothing for ${patience / 1000} s`;
      request.destroy(new DownloadProblem(fact, true));
    });
    request.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      reject(
        error instanceof DownloadProblem
          ? error
          : new DownloadProblem(`${url.href} cannot be reached (${code ?? error.message})`, true),
      );
    });
    request.on('response', resolve);
    request.end();
  });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
