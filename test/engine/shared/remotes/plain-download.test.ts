import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plainDownload } from '../../../../src/engine/shared/remotes/plain-download.ts';

/** For servers that answer. */
const PATIENCE_MS = 20_000;

const STALL_MS = 300;

async function addressOf(server: ReturnType<typeof createPlainServer>): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a/b?c=d`);
}

const webServer = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  addressOf(createServer(answer));

/** A server that writes what a test says once it has got a request. */
const plainServer = (answer: (socket: Socket, request: string) => void) =>
  addressOf(
    createPlainServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (request) => answer(socket, request.toString('latin1')));
    }),
  );

const PATTERN = Buffer.from(Array.from({ length: 251 }, (_, index) => (index * 7919) % 251));

const bytesOf = (length: number): Buffer => Buffer.alloc(length, PATTERN);

async function joined(pieces: AsyncIterable<Uint8Array>, pauseMs = 0): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) {
    // It must not change under whoever has got it.
    all.push(Buffer.from(piece));
    if (pauseMs > 0) await sleep(pauseMs);
  }
  return Buffer.concat(all);
}

async function kept(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('a download', () => {
  it('gives the bytes as they are, however they come, and whoever is faster', async () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 60_000, max: 1_500_000 })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(0, 0, 3), fc.boolean(), async (parts, pauseMs, isSlow) => {
        const content = bytesOf(parts.reduce((sum, part) => sum + part, 0));
        const url = await plainServer(async (socket) => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`);
          let at = 0;
          for (const part of parts) {
            socket.write(content.subarray(at, at + part));
            at += part;
            if (isSlow) await sleep(2);
          }
        });
        const pieces = await plainDownload(url, {}, 200, PATIENCE_MS);
        expect(pieces).toBeDefined();
        const read = pauseMs > 0 ? joined : kept;
        expect((await read(pieces as AsyncIterable<Uint8Array>, pauseMs)).equals(content)).toBe(true);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('asks for what it is told to, with the headers that it gets', async () => {
    let asked: string | undefined;
    const url = await webServer((request, response) => {
      const { range, host, accept } = request.headers;
      asked = [request.method, request.url, range, host === url.host, accept].join(' ');
      response.writeHead(206, { 'content-length': 3 }).end('abc');
    });
    const pieces = await plainDownload(url, { range: 'bytes=5-', accept: '*/*' }, 206, PATIENCE_MS);
    expect((await joined(pieces as AsyncIterable<Uint8Array>)).toString()).toBe('abc');
    expect(asked).toBe('GET /a/b?c=d bytes=5- true */*');
  });

  it.each([
    ['another status', 'HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nabc'],
    ['a part where all was asked for', 'HTTP/1.1 206 Partial Content\r\ncontent-length: 3\r\n\r\nabc'],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
    ['compressed bytes', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-encoding: gzip\r\n\r\nabc'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nabc'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('leaves %s to another client', async (_, answer) => {
    const url = await plainServer((socket) => socket.write(answer));
    expect(await plainDownload(url, {}, 200, PATIENCE_MS)).toBeUndefined();
  });

  it('says that no answer comes', async () => {
    const silent = await plainServer(() => {});
    await expect(plainDownload(silent, {}, 200, STALL_MS)).rejects.toThrow(/sent nothing for 0.3 s/);
    const closing = await plainServer((socket) => socket.end());
    await expect(plainDownload(closing, {}, 200, PATIENCE_MS)).rejects.toThrow('has closed the connection');
    await expect(plainDownload(new URL('http://127.0.0.1:9/'), {}, 200, STALL_MS)).rejects.toMatchObject({
      kind: 'passing',
      message: expect.stringContaining('127.0.0.1:9 cannot be reached (ECONNREFUSED)'),
    });
    const endless = await plainServer((socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`));
    await expect(plainDownload(endless, {}, 200, PATIENCE_MS)).rejects.toThrow('a head without end');
  });

  it.each([
    ['is closed', (socket: Socket) => socket.end()],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['says nothing more', () => {}],
  ])('gives what has come, and says that it ended early where the connection %s', async (_, end) => {
    const url = await plainServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd', () => setTimeout(() => end(socket), 50));
    });
    const pieces = await plainDownload(url, {}, 200, STALL_MS);
    const read: Uint8Array[] = [];
    await expect(
      (async () => {
        for await (const piece of pieces as AsyncIterable<Uint8Array>) read.push(piece);
      })(),
    ).rejects.toThrow(/an answer was not received to its end/);
    expect(Buffer.concat(read).toString()).toBe('abcd');
  });

  it('waits for a slow reader as long as that takes', async () => {
    const content = bytesOf(12 * 1024 * 1024);
    const url = await webServer((_, response) =>
      response.writeHead(200, { 'content-length': content.length }).end(content),
    );
    const pieces = (await plainDownload(url, {}, 200, STALL_MS)) as AsyncIterable<Uint8Array>;
    const all: Uint8Array[] = [];
    for await (const piece of pieces) {
      if (all.push(piece) === 1) await sleep(3 * STALL_MS);
    }
    expect(Buffer.concat(all).equals(content)).toBe(true);
  });
});
