import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { download } from '../../../src/engine/sources/download.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
const SHA256 = hash('sha256', BODY);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Sends what is asked for, as a server does that knows ranges. */
const rest: Answer = ({ headers }, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (start >= BODY.length) response.writeHead(416).end();
  else {
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': BODY.length - start });
    response.end(BODY.subarray(start));
  }
};

const all: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': BODY.length }).end(BODY);
};

/** Sends as many bytes of the rest, and drops the connection. */
function dropping(bytes: number): Answer {
  return ({ headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': BODY.length - start });
    response.write(BODY.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 20));
  };
}

function status(code: number): Answer {
  return (_, response) => {
    response.writeHead(code).end('trouble');
  };
}

/** A server that gives these answers one after the other, and the last one from then on. */
async function serverOf(...answers: readonly [Answer, ...Answer[]]) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(ranges.length, answers.length - 1)] as Answer;
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`, ranges };
}

interface Trial {
  readonly file: string;
  readonly log: readonly string[];
  readonly fractions: readonly number[];
  run(url: string, sha256?: string): Promise<void>;
}

function trial(begun?: Uint8Array): Trial {
  const file = join(temporaryFolder(), 'cache/sources/one.part');
  if (begun) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, begun);
  }
  const log: string[] = [];
  const fractions: number[] = [];
  const options = {
    pauses: [1, 1, 1],
    patience: 300,
    log: (line: string) => log.push(line),
    progress: (fraction: number) => fractions.push(fraction),
  };
  return { file, log, fractions, run: (url, sha256 = SHA256) => download(url, sha256, file, options) };
}

describe('a download', () => {
  it('writes the bytes, and tells how far it is', async () => {
    const { url, ranges } = await serverOf(rest);
    const { file, fractions, log, run } = trial();
    await run(url);
    expect(readFileSync(file).equals(BODY)).toBe(true);
    expect(ranges).toEqual([undefined]);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(log).toEqual([]);
  });

  it('asks for the rest after a connection was dropped', async () => {
    const { file, run } = trial();
    const sizes: number[] = [];
    // How much of what was sent has arrived is not known.
    const noting = (answer: Answer): Answer => {
      return (request, response) => {
        sizes.push(existsSync(file) ? statSync(file).size : 0);
        answer(request, response);
      };
    };
    const { url, ranges } = await serverOf(noting(dropping(100_000)), noting(dropping(50_000)), noting(rest));
    await run(url);
    expect(readFileSync(file).equals(BODY)).toBe(true);
    expect(ranges).toEqual(sizes.map((size) => (size === 0 ? undefined : `bytes=${size}-`)));
    expect(sizes).toHaveLength(3);
    expect(sizes[2]).toBeGreaterThan(0);
  });

  it('goes on with what a killed process has left, also if that is all', async () => {
    const { url, ranges } = await serverOf(rest);
    const half = trial(BODY.subarray(0, 1000));
    await half.run(url);
    expect(readFileSync(half.file).equals(BODY)).toBe(true);
    await trial(BODY).run(url);
    expect(ranges).toEqual(['bytes=1000-', `bytes=${BODY.length}-`]);
  });

  it('begins from the start where the server knows no ranges', async () => {
    const { url } = await serverOf(dropping(100_000), all);
    const { file, run } = trial();
    await run(url);
    expect(readFileSync(file).equals(BODY)).toBe(true);
  });

  it('begins from the start where the file has changed since it was interrupted', async () => {
    const { url, ranges } = await serverOf(rest);
    const { file, log, run } = trial(Buffer.alloc(1000, 1));
    await run(url);
    expect(readFileSync(file).equals(BODY)).toBe(true);
    expect(ranges).toEqual(['bytes=1000-', undefined]);
    expect(log).toHaveLength(1);
  });

  it('waits and tries again after 5xx, 429 and silence', async () => {
    const silence: Answer = () => {};
    const { url, ranges } = await serverOf(status(503), status(429), silence, rest);
    const { log, run } = trial();
    await run(url);
    expect(ranges).toHaveLength(4);
    expect(log[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/model\.bin answers 503 Service Unavailable; trying again in /);
    expect(log[2]).toContain('sent nothing for 0.3 s');
  });

  it('follows redirections', async () => {
    const { url } = await serverOf((_, response) => {
      response.writeHead(302, { location: `${target.url}?signed` }).end();
    });
    const target = await serverOf(rest);
    const { file, run } = trial();
    await run(url);
    expect(readFileSync(file).equals(BODY)).toBe(true);
  });
});

describe('a download fails', () => {
  it('at once for an address that is wrong', async () => {
    const { url, ranges } = await serverOf(status(404));
    await expect(trial().run(url)).rejects.toThrow(/model\.bin answers 404 Not Found$/);
    expect(ranges).toHaveLength(1);
  });

  it('for other bytes, with both digests, and leaves none of them', async () => {
    const { url, ranges } = await serverOf(rest);
    const other = hash('sha256', 'other');
    const { file, run } = trial();
    await expect(run(url, other)).rejects.toThrow(`its SHA-256 is ${SHA256}, and ${other} is declared`);
    expect(existsSync(file)).toBe(false);
    expect(ranges).toHaveLength(1);
  });

  it('when the pauses are used up, and keeps what came', async () => {
    const { url, ranges } = await serverOf(dropping(1000), status(500));
    const { file, run } = trial();
    await expect(run(url)).rejects.toThrow(/answers 500/);
    expect(ranges).toHaveLength(1 + 3);
    expect(readFileSync(file)).toHaveLength(1000);
  });

  it('where nobody answers', async () => {
    await expect(trial().run('http://127.0.0.1:1/x')).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
  });

  it('for redirections without an end, and to files', async () => {
    const loop = await serverOf((_, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    await expect(trial().run(loop.url)).rejects.toThrow(/redirects too often/);
    const local = await serverOf((_, response) => {
      response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    });
    await expect(trial().run(local.url)).rejects.toThrow(/redirects to file:/);
  });
});
