import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deferred } from '../../../src/engine/base/deferred.ts';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { Connection } from '../../../src/engine/units/connection.ts';
import { LinkedPackages } from '../../../src/engine/units/linked-packages.ts';
import { UNIT_PROTOCOL } from '../../../src/engine/units/messages.ts';
import { SILENCE_SECONDS, showSignsOfLife } from '../../../src/engine/units/signs-of-life.ts';
import { Slot } from '../../../src/engine/units/slot.ts';
import type { TransportEnd } from '../../../src/engine/units/transport.ts';
import { UnitLosses } from '../../../src/engine/units/unit-losses.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { temporaryFolder } from '../store/fixtures.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Streams take their turns in between. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    vi.advanceTimersByTime(5000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function connected() {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const frames: unknown[] = [];
  const ends = [
    new Connection(back, there, () => undefined),
    new Connection(there, back, ({ message }) => void frames.push(message)),
  ] as const;
  return { ends, frames };
}

describe('signs of life', () => {
  it('keep a connection on which nothing is said, and are no messages', async () => {
    const { ends, frames } = connected();
    const silent = vi.fn();
    const stops = ends.map((each) => showSignsOfLife(each, silent));
    ends[0].send({ type: 'first' });
    await pass(10 * SILENCE_SECONDS);
    ends[0].send({ type: 'last' }, [new Uint8Array(3)]);
    await pass(5);
    expect(silent).not.toHaveBeenCalled();
    expect(frames).toMatchObject([{ type: 'first' }, { type: 'last' }]);
    for (const stop of stops) stop();
  });

  it('that do not come are noticed once', async () => {
    const { ends } = connected();
    const silent = vi.fn();
    showSignsOfLife(ends[0], silent);
    await pass(SILENCE_SECONDS - 10);
    expect(silent).not.toHaveBeenCalled();
    await pass(10 * SILENCE_SECONDS);
    expect(silent).toHaveBeenCalledTimes(1);
  });
});

const JOB = {
  id: 1,
  node: 'a/1' as NodeId,
  key: digestBytes<NodeKey>('key'),
  code: 'code' as unknown as CodeFingerprint,
  inputs: [],
  secrets: [],
} as unknown as Job;

describe('a unit that says nothing any more', () => {
  it('is given up: its node is lost by no fault of its own, and the way is opened again', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const opened: (() => void)[] = [];
    const slot = new Slot(
      1,
      {
        executor: 'there',
        description: '"ssh gpu1"',
        trial: 'ssh gpu1',
        patienceMs: 30_000,
        open: (onFrame) => {
          const [input, output] = [new PassThrough(), new PassThrough()];
          const ended = deferred<TransportEnd>();
          const stop = vi.fn(() => ended.resolve({ how: 'was killed by SIGKILL', words: '' }));
          opened.push(stop);
          const greeting = { type: 'hello', protocol: UNIT_PROTOCOL, version: '1.2.3', host: 'gpu1' };
          input.write(`${JSON.stringify(greeting)}\n`);
          const connection = new Connection(input, output, onFrame);
          return { connection, ended: ended.promise, words: '', stop: async () => stop() };
        },
      },
      {
        run: 'run',
        root: folder,
        compute: null,
        store,
        packages: new LinkedPackages(folder, store),
        shared: undefined,
        results: undefined,
        version: '1.2.3',
        unitCommand: [],
      },
      new UnitLosses(),
    );
    const warning = vi.fn();
    const listener = { progress: vi.fn(), metrics: vi.fn(), warning };
    const demands = { limitSeconds: undefined, isAlone: true, resources: { threads: 1, memoryBytes: 0, gpus: 0 } };
    const running = slot.give(JOB, demands as never, listener, []);
    await pass(SILENCE_SECONDS + 10);
    expect(await running.outcome).toEqual({ kind: 'lost' });
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning.mock.calls[0]?.[0]).toMatchObject({
      fact: 'executor there: "ssh gpu1" has said nothing for 90 s: it or the network is gone',
      fix: expect.stringContaining('executed again'),
    });
    const again = slot.give({ ...JOB, id: 2 }, demands as never, listener, []);
    expect(opened).toHaveLength(2);
    await slot.stop();
    expect(await again.outcome).toEqual({ kind: 'lost' });
    await store.close();
  });
});
