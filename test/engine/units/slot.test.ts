import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deferred } from '../../../src/engine/base/deferred.ts';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  type NodeKey,
} from '../../../src/engine/base/digest.ts';
import type { JsonObject } from '../../../src/engine/base/json.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { Connection } from '../../../src/engine/units/connection.ts';
import { LinkedPackages } from '../../../src/engine/units/linked-packages.ts';
import { UNIT_PROTOCOL } from '../../../src/engine/units/messages.ts';
import { Slot } from '../../../src/engine/units/slot.ts';
import type { TransportEnd } from '../../../src/engine/units/transport.ts';
import { UnitLosses } from '../../../src/engine/units/unit-losses.ts';
import type { JobDemands, StepAhead } from '../../../src/engine/workers/executor.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const RESOURCES = { threads: 1, memoryBytes: 0, gpus: 0 };
const DEMANDS: JobDemands = { limitSeconds: undefined, isAlone: false, resources: RESOURCES };
const LISTENER = { progress: vi.fn(), metrics: vi.fn(), warning: vi.fn() };

function job(id: number): Job {
  const key = `key of ${id}` as unknown as NodeKey;
  const code = 'code' as unknown as CodeFingerprint;
  return {
    id,
    node: `a/${id}` as NodeId,
    key,
    code,
    inputs: [],
    secrets: [],
    purpose: { kind: 'record' },
  } as unknown as Job;
}

/** A slot whose unit says what a test says, and the messages that the unit gets. */
function begin({ idleMs, greets = true }: { readonly idleMs?: number; readonly greets?: boolean } = {}) {
  const folder = temporaryFolder();
  const store = openStore(folder);
  const received: JsonObject[] = [];
  const units: { say(message: object): void; end(): void; readonly finished: Promise<unknown>; greet(): void }[] = [];
  const of = {
    run: 'run',
    root: folder,
    compute: null,
    store,
    packages: new LinkedPackages(folder, store),
    shared: undefined,
    results: undefined,
    version: '1.2.3',
    unitCommand: [],
  };
  const declaration = {
    executor: 'there',
    description: 'a unit',
    trial: '',
    patienceMs: 60_000,
    ...(idleMs === undefined ? {} : { idleMs }),
    open: (onFrame: ConstructorParameters<typeof Connection>[2]) => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const unit = new Connection(output, input, ({ message }) => void received.push(message));
      const ended = deferred<TransportEnd>();
      const end = () => ended.resolve({ how: 'was killed', words: '', cause: 'taken' });
      const greet = () => unit.send({ type: 'hello', protocol: UNIT_PROTOCOL, version: '1.2.3', host: 'there' });
      units.push({ say: (message) => unit.send(message), end, finished: unit.ended, greet });
      if (greets) greet();
      const stop = async () => end();
      return { connection: new Connection(input, output, onFrame), ended: ended.promise, words: '', stop };
    },
  };
  const slot = new Slot(1, declaration, of, new UnitLosses());
  onTestFinished(async () => {
    await slot.stop();
    await store.close();
  });
  const described: number[] = [];
  const steps = (...ids: number[]): StepAhead[] =>
    ids.map((id) => ({
      id,
      describe: () => {
        described.push(id);
        return { job: { ...job(id), stageKey: 'key' } as never, demands: DEMANDS };
      },
    }));
  const give = (id: number, ahead: readonly StepAhead[], demands = DEMANDS) =>
    slot.give(job(id), demands, LISTENER, ahead).outcome;
  const jobs = () => received.flatMap(({ type, job: sent }) => (type === 'job' ? [(sent as JsonObject).id] : []));
  const cancelled = () => received.flatMap(({ type, job: sent }) => (type === 'cancel' ? [sent] : []));
  const ended = (id: number, kind: string) => units.at(-1)?.say({ type: 'ended', job: id, outcome: { kind, id } });
  return { slot, store, give, steps, jobs, cancelled, ended, described, units };
}

/** What a unit says of a node that it has made. */
function made(id: number, outputs: object = {}) {
  const { key, node } = job(id);
  const record = { key, node, outputs };
  return {
    type: 'ended',
    job: id,
    outcome: { kind: 'committed', id },
    ran: 1,
    made: { record, metrics: [], software: null },
    enclosed: [],
    large: [],
  };
}

describe('the end of a unit', () => {
  it('loses no node of which it has said before that it is made', async () => {
    const { store, give, jobs, units } = begin();
    const kept = deferred<void>();
    const commit = vi.spyOn(store, 'commit').mockReturnValue(kept.promise);
    const [first, second] = [give(1, []), give(2, [])];
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    units[0]?.say(made(1));
    await vi.waitFor(() => expect(commit).toHaveBeenCalledOnce());
    units[0]?.end();
    expect(await second).toEqual({ kind: 'lost' });
    kept.resolve();
    expect(await first).toMatchObject({ kind: 'committed' });
    expect(units).toHaveLength(1);
  });

  it('loses a node that is made, but whose outputs were still to come, and says so once', async () => {
    const { slot, jobs, units } = begin();
    const warning = vi.fn();
    const digest = digestBytes<ArtefactDigest>('to come');
    const given = [1, 2].map(
      (id) => slot.give({ ...job(id), outputs: { out: 'json' } }, DEMANDS, { ...LISTENER, warning }, []).outcome,
    );
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    units[0]?.say(made(1, { out: { digest, type: 'json', bytes: 7 } }));
    units[0]?.say({ type: 'begun', job: 2, seconds: 0 });
    units[0]?.say(made(2, { out: { digest, type: 'json', bytes: 7 } }));
    await sleep(50);
    expect(warning).not.toHaveBeenCalled();
    units[0]?.end();
    expect(await Promise.all(given)).toEqual([{ kind: 'lost' }, { kind: 'lost' }]);
    expect(warning).toHaveBeenCalledOnce();
    expect(warning.mock.calls[0]?.[0].fact).toContain('executor there: a unit was killed');
  });

  it('is the end of its messages: what is read of them later is not taken for those of the next unit', async () => {
    const { give, jobs, units, ended } = begin();
    const first = give(1, []);
    await vi.waitFor(() => expect(jobs()).toEqual([1]));
    units[0]?.end();
    await first;
    const second = give(2, []);
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    units[0]?.say({ type: 'ended', job: 2, outcome: { kind: 'of the earlier unit' } });
    await sleep(50);
    ended(2, 'of its own unit');
    expect(await second).toMatchObject({ kind: 'of its own unit' });
  });
});

describe('a unit that has nothing to do for long', () => {
  it('is closed, and gets nothing of what comes before it has ended: the next one does', async () => {
    const { give, jobs, units, ended } = begin({ idleMs: 30 });
    LISTENER.warning.mockClear();
    const first = give(1, []);
    await vi.waitFor(() => expect(jobs()).toEqual([1]));
    ended(1, 'first');
    await first;
    await units[0]?.finished;
    const second = give(2, []);
    await sleep(50);
    expect(units).toHaveLength(1);
    units[0]?.end();
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    ended(2, 'second');
    expect(await second).toMatchObject({ kind: 'second' });
    expect(units).toHaveLength(2);
    expect(LISTENER.warning).not.toHaveBeenCalled();
  });

  it('and has not answered yet is not waited for', async () => {
    const { slot, give, jobs, units, ended } = begin({ idleMs: 30, greets: false });
    const first = give(1, []);
    slot.cancel(1);
    expect(await first).toEqual({ kind: 'lost' });
    await sleep(100);
    const second = give(2, []);
    await vi.waitFor(() => expect(units).toHaveLength(2));
    units[1]?.greet();
    await vi.waitFor(() => expect(jobs()).toEqual([2]));
    ended(2, 'second');
    expect(await second).toMatchObject({ kind: 'second' });
  });
});

describe('jobs that are sent ahead', () => {
  it('go once, right after the one that they follow, and are described only then', async () => {
    const { slot, give, steps, jobs, described } = begin();
    void give(1, steps(2, 3));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 3]));
    expect([slot.load, slot.hasAhead(2), slot.hasAhead(4)]).toEqual([3, true, false]);
    void give(2, steps(3, 4));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 3, 4]));
    expect(described).toEqual([2, 3, 4]);
  });

  it('may end before the run gives them', async () => {
    const { give, steps, jobs, ended } = begin();
    const first = give(1, steps(2));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    ended(2, 'second');
    ended(1, 'first');
    expect(await first).toMatchObject({ kind: 'first' });
    expect(await give(2, [])).toMatchObject({ kind: 'second' });
    expect(jobs()).toEqual([1, 2]);
  });

  it('may have begun before the run gives them, which is told once it has', async () => {
    const { slot, give, steps, jobs, units } = begin();
    void give(1, steps(2));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    units[0]?.say({ type: 'begun', job: 2, seconds: 3 });
    units[0]?.say({ type: 'progress', job: 1, fraction: 0.5 });
    await vi.waitFor(() => expect(LISTENER.progress).toHaveBeenCalled());
    let hasReturned = false;
    const begun = vi.fn((_seconds: number) => expect(hasReturned).toBe(true));
    slot.give(job(2), DEMANDS, { ...LISTENER, begun }, []);
    hasReturned = true;
    await vi.waitFor(() => expect(begun).toHaveBeenCalledOnce());
    expect(begun.mock.calls[0]?.[0]).toBeGreaterThanOrEqual(3);
  });

  it('are cancelled, and what the unit says of them later counts for nothing', async () => {
    const { slot, give, steps, jobs, cancelled, ended } = begin();
    const first = give(1, steps(2, 3));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 3]));
    ended(1, 'failed');
    await first;
    for (const id of [2, 3]) slot.cancel(id);
    await vi.waitFor(() => expect(cancelled()).toEqual([2, 3]));
    expect(slot.load).toBe(0);
    ended(2, 'lost');
    // The run sends the step again, under another number.
    const again = give(4, []);
    ended(4, 'again');
    expect(await again).toMatchObject({ kind: 'again' });
  });

  it('are gone with the unit: the run gives them again, and they are sent then', async () => {
    const { slot, give, steps, jobs, ended, units } = begin();
    const first = give(1, steps(2, 3));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 3]));
    ended(1, 'first');
    await first;
    units[0]?.end();
    await vi.waitFor(() => expect(slot.hasAhead(2)).toBe(false));
    const second = give(2, steps(3));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 3, 2, 3]));
    ended(2, 'second');
    expect(await second).toMatchObject({ kind: 'second' });
  });

  it('are sent no more while a job waits that must be alone', async () => {
    const { give, steps, jobs, ended } = begin();
    const first = give(1, steps(2));
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2]));
    void give(9, [], { ...DEMANDS, isAlone: true });
    ended(1, 'first');
    await first;
    const second = give(2, steps(3));
    ended(2, 'second');
    await second;
    await vi.waitFor(() => expect(jobs()).toEqual([1, 2, 9]));
  });
});
