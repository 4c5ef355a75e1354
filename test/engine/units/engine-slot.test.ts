import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EngineSlot } from '../../../src/engine/units/engine-slot.ts';
import { encodeFrame, type Frame } from '../../../src/engine/units/frames.ts';

/** The two ends of a connection. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const unit = connect(port, '127.0.0.1');
  const [run] = (await accepted) as [Socket];
  server.close();
  for (const socket of [unit, run]) socket.on('error', () => {});
  return [run, unit];
}

function slot(onFrame: (frame: Frame) => Promise<void> | undefined = () => undefined) {
  let left = 0;
  const made = new EngineSlot(onFrame, { leave: () => left++, words: () => 'of the engine' });
  return { made, left: () => left };
}

describe('a slot of an engine', () => {
  it('keeps what is sent until a unit is there', async () => {
    const { made } = slot();
    made.connection.send({ type: 'hello' });
    made.connection.send({ type: 'more' }, [Buffer.from('bytes')]);
    const [run, unit] = await pair();
    made.take(run);
    const [received] = (await once(unit, 'data')) as [Buffer];
    expect(received.toString()).toBe('{"type":"hello"}\n{"type":"more","body":5}\nbytes');
    await Promise.all([made.stop(), unit.end()]);
  });

  it('reads to the end what the unit has sent, when the engine says first that it has ended', async () => {
    const frames: string[] = [];
    const { made, left } = slot(async ({ message }) => {
      await new Promise((done) => setTimeout(done, 20));
      frames.push(String(message.type));
    });
    const [run, unit] = await pair();
    made.take(run);
    unit.end(Buffer.concat(['one', 'two', 'three'].map((type) => encodeFrame({ type }))));
    made.close({ how: 'ended with exit code 0', words: '' });
    expect(await made.ended).toEqual({ how: 'ended with exit code 0', words: '' });
    expect(frames).toEqual(['one', 'two', 'three']);
    expect(left()).toBe(1);
  });

  it('ends with its connection, although the engine says nothing', async () => {
    const { made } = slot();
    const [run, unit] = await pair();
    made.take(run);
    unit.destroy();
    expect(await made.ended).toEqual({ how: 'has lost its connection', words: '' });
  });

  it('is lost where its engine begins it a second time', async () => {
    const { made } = slot();
    const [[first, one], [second, two]] = await Promise.all([pair(), pair()]);
    const gone = Promise.all([one, two].map((unit) => once(unit.resume(), 'close')));
    made.take(first);
    made.take(second);
    expect((await made.ended).how).toContain('begun a second time');
    await gone;
  });

  it('that is not needed any more waits for nothing, and takes no unit', async () => {
    const { made, left } = slot();
    await made.stop();
    expect(left()).toBe(1);
    const [run, unit] = await pair();
    const gone = once(unit.resume(), 'close');
    made.take(run);
    await gone;
  });

  it('that is stopped again while it ends leaves no timer', async () => {
    const { made } = slot();
    const [run, unit] = await pair();
    made.take(run);
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const first = made.stop();
    made.close({ how: 'ended with exit code 0', words: '' });
    const second = made.stop();
    unit.resume().end();
    await Promise.all([first, second]);
    expect(timers()).toBe(before);
  });

  it('tells why no unit can work', async () => {
    const frames: unknown[] = [];
    const { made } = slot(({ message }) => {
      frames.push(message);
      return undefined;
    });
    made.refuse({ fact: 'no Ray', fix: 'install it' });
    await made.ended;
    expect(frames).toEqual([{ type: 'unable', diagnostic: { fact: 'no Ray', fix: 'install it' } }]);
  });
});
