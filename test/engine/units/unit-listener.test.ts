import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deferred } from '../../../src/engine/base/deferred.ts';
import { proofOf } from '../../../src/engine/units/proof.ts';
import { UnitListener } from '../../../src/engine/units/unit-listener.ts';

const HOST = '127.0.0.1';
let listener: UnitListener;
let port: number;

beforeEach(async () => {
  listener = new UnitListener();
  port = await listener.listen({ host: HOST, port: 0 });
});

afterEach(() => listener.close());

/** Connects as a unit does. */
async function unitOf(slot: number, token: Buffer, nonceOfRun?: Buffer): Promise<{ socket: Socket; said: Buffer }> {
  const socket = connect(port, HOST);
  const [own] = (await once(socket, 'data')) as [Buffer];
  expect(own).toHaveLength(32);
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(slot));
  const nonce = randomBytes(32);
  const said = Buffer.concat([number, nonceOfRun ?? own, nonce]);
  socket.write(Buffer.concat([number, nonce, proofOf(token, 'unit', said)]));
  return { socket, said };
}

/** What comes until the other side ends the connection. */
async function restOf(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts);
}

describe('units that connect to a run', () => {
  it('are given to their slot when both sides have shown that they know the token', async () => {
    const taken = deferred<Socket>();
    listener.expect(7, taken.resolve);
    const { socket, said } = await unitOf(7, listener.token);
    const run = await taken.promise;
    run.end('frames');
    expect(await restOf(socket)).toEqual(Buffer.concat([proofOf(listener.token, 'run', said), Buffer.from('frames')]));
  });

  it.each([
    ['another token', () => unitOf(7, randomBytes(32))],
    ['a slot that nobody waits for', () => unitOf(8, listener.token)],
    ['the slot of a proof changed', () => unitOf(2 ** 40, listener.token)],
    ['the random bytes of another connection', () => unitOf(7, listener.token, randomBytes(32))],
  ])('get nothing with %s', async (_, connected) => {
    listener.expect(7, () => expect.unreachable());
    const { socket } = await connected();
    expect(await restOf(socket)).toHaveLength(0);
  });

  it('get nothing where they say something else', async () => {
    listener.expect(7, () => expect.unreachable());
    const socket = connect(port, HOST);
    socket.write(Buffer.alloc(100_000, 'GET / HTTP/1.1\r\n'));
    socket.on('error', () => {});
    const received = await restOf(socket).catch(() => Buffer.alloc(32));
    expect(received).toHaveLength(32);
  });

  it.each([1, 7, 8, 39, 71])('get nothing where they end after %d bytes', async (bytes) => {
    listener.expect(7, () => expect.unreachable());
    const socket = connect(port, HOST);
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.end(Buffer.alloc(bytes, 7));
    await once(socket.resume(), 'close');
    // The run goes on: the next unit is met.
    const taken = deferred<Socket>();
    listener.expect(8, taken.resolve);
    const next = await unitOf(8, listener.token);
    (await taken.promise).destroy();
    next.socket.destroy();
  });

  it('get nothing once their slot is forgotten', async () => {
    listener.expect(7, () => expect.unreachable());
    listener.forget(7);
    const { socket } = await unitOf(7, listener.token);
    expect(await restOf(socket)).toHaveLength(0);
  });

  it('find nobody where the run has ended before it listened', async () => {
    const other = new UnitListener();
    const listening = other.listen({ host: HOST, port: 0 });
    other.close();
    const socket = connect(await listening, HOST);
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
  });

  it('find the run by a name that this machine does not know itself', async () => {
    const other = new UnitListener();
    const anywhere = await other.listen({ host: '192.0.2.1', port: 0 });
    const socket = connect(anywhere, HOST);
    expect((await once(socket, 'data'))[0]).toHaveLength(32);
    socket.destroy();
    other.close();
  });
});
