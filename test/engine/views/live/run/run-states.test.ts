import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../../../src/engine/plan/plan.ts';
import type { LiveEntry } from '../../../../../src/engine/run/live/live-entry.ts';
import type { Attempt, NodeOutcome } from '../../../../../src/engine/store/run-manifest.ts';
import { liveDelta } from '../../../../../src/engine/views/live/live-delta.ts';
import { STATES } from '../../../../../src/engine/views/live/protocol.ts';
import { nodeTable } from '../../../../../src/engine/views/live/run/node-table.ts';
import { RunStates } from '../../../../../src/engine/views/live/run/run-states.ts';
import { headOf, type RunView } from '../../../../../src/engine/views/live/run/run-view.ts';

const NODES = 12;
const ids = Array.from({ length: NODES }, (_, index) => `${index % 3 === 0 ? 'a' : 'b'}/${index}` as NodeId);
const table = nodeTable(ids, undefined);
const digit = (name: (typeof STATES)[number]) => STATES.indexOf(name);

const states = () => new RunStates(table, 2, {}, () => 1);
const started = (node: number, attempt = 1) => ({ node, attempt, worker: 1, start: 1, reason: 'never run' });
const ended = (node: number, outcome: Attempt['outcome'] = 'executed', attempt = 1): Attempt => ({
  node,
  attempt,
  worker: 1,
  start: 1,
  end: 2,
  seconds: 1,
  outcome,
});

function viewOf(of: RunStates): RunView {
  return {
    run: undefined,
    state: 'running',
    table,
    states: of,
    manifest: undefined,
    live: undefined,
    keyOf: () => undefined,
  };
}

/** What a page has that puts together what it was told. */
class Told {
  readonly digits: string[] = new Array(NODES).fill(String(digit('waiting')));
  readonly counts: number[][] = table.stages.map(({ nodes }) => STATES.map((_, at) => (at === 0 ? nodes.length : 0)));
  version = 0;

  take(of: RunStates): void {
    const view = viewOf(of);
    const delta = liveDelta(view, this.version, headOf(view, undefined), undefined);
    if (delta === 'reset') throw new Error('no delta');
    for (const [at, index] of delta.nodes.index.entries()) this.digits[index] = delta.nodes.states[at] as string;
    for (const { stage, counts } of delta.stages) this.counts[stage] = [...counts];
    this.version = of.version;
  }
}

describe('the states of a run', () => {
  it('follow a node from its start to its outcome, also when all of it comes at once', () => {
    const of = states();
    of.apply({ at: 0, decided: { 'up to date': [0, 2] }, started: [started(3)] }, 1, 0);
    expect([...of.states].slice(0, 5)).toEqual([5, 5, 5, 2, 0]);
    expect(of.runningNodes()).toMatchObject([{ node: 'a/3', attempt: 1, lane: 0, expectedSeconds: 1 }]);
    of.apply({ at: 1, ended: [ended(3)], decided: { executed: [3, 3] } }, 2, 0);
    of.apply({ at: 2, started: [started(4)], ended: [ended(4)], decided: { executed: [4, 4] } }, 3, 0);
    expect([...of.states].slice(3, 5)).toEqual([3, 3]);
    expect(of.runningNodes()).toEqual([]);
    expect(of.seconds[4]).toBe(1);
  });

  it('show a retried node as running, and a failed one as failed', () => {
    const of = states();
    of.apply({ at: 0, started: [started(1), started(1, 2)], ended: [ended(1, 'failed')] }, 1, 0);
    expect(of.stateOf(1)).toBe('running');
    expect(of.runningNodeAt(1)?.attempt).toBe(2);
    of.apply({ at: 1, ended: [ended(1, 'failed', 2)], decided: { failed: [1, 1] } }, 2, 0);
    expect(of.stateOf(1)).toBe('failed');
  });

  it('show a node that is executed for its bytes as running, and as up to date afterwards', () => {
    const of = states();
    of.apply({ at: 0, decided: { 'up to date': [0, 11] }, started: [started(5)] }, 1, 0);
    expect(of.stateOf(5)).toBe('running');
    of.apply({ at: 1, ended: [ended(5)] }, 2, 0);
    expect(of.stateOf(5)).toBe('up to date');
  });

  it('show a reopened node as waiting, and estimate no time for what is done', () => {
    const of = states();
    of.apply({ at: 0, decided: { executed: [0, 11] } }, 1, 0);
    expect(of.estimate()).toEqual({ kind: 'about', seconds: 0 });
    of.apply({ at: 1, reopened: [2] }, 2, 0);
    expect(of.stateOf(2)).toBe('waiting');
    expect(of.estimate()).toEqual({ kind: 'not known' });
  });

  it('keep the newest notices, and pass over nodes that the plan does not have', () => {
    const of = states();
    for (let at = 0; at < 30; at++) {
      of.apply(
        {
          at,
          notices: [{ kind: 'warning', node: null, fact: String(at), at }],
          started: [started(99)],
          decided: { executed: [90, 99] },
          ended: [ended(-1)],
        },
        at + 1,
        0,
      );
    }
    expect(of.notices.map(({ fact }) => fact)).toEqual(Array.from({ length: 20 }, (_, each) => String(each + 10)));
    expect(of.notices[0]?.at).toBe('1970-01-01T00:00:10.000Z');
    expect(of.totals()[0]).toBe(NODES);
  });

  it('are what a page puts together, whatever it has missed', () => {
    const outcome = fc.constantFrom<NodeOutcome>('executed', 'up to date', 'cut off', 'fetched', 'failed', 'skipped');
    const node = fc.nat(NODES - 1);
    const entry = fc.record({
      started: fc.array(node, { maxLength: 3 }),
      ended: fc.array(node, { maxLength: 3 }),
      decided: fc.array(fc.tuple(node, outcome), { maxLength: 4 }),
      reopened: fc.array(node, { maxLength: 1 }),
      isHeard: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 25 }), (entries) => {
        const [of, told] = [states(), new Told()];
        for (const [at, { isHeard, ...each }] of entries.entries()) {
          const decided: Record<string, number[]> = {};
          for (const [index, name] of each.decided) decided[name] = [...(decided[name] ?? []), index, index];
          const live: LiveEntry = {
            at,
            started: each.started.map((index) => started(index)),
            ended: each.ended.map((index) => ended(index)),
            decided,
            reopened: each.reopened,
          };
          of.apply(live, at + 1, 0);
          if (isHeard) told.take(of);
        }
        told.take(of);
        expect(told.digits.join('')).toBe([...of.states].join(''));
        // The counts are those of the states.
        for (const [stage, { nodes }] of table.stages.entries()) {
          const counted = STATES.map((_, each) => nodes.filter((index) => of.states[index] === each).length);
          expect(told.counts[stage]).toEqual(counted);
        }
        expect(
          of
            .runningNodes()
            .map(({ index }) => index)
            .sort(),
        ).toEqual([...of.states].flatMap((each, index) => (each === digit('running') ? [index] : [])).sort());
      }),
    );
  });

  it('are told as changes when the run has ended, and no others', () => {
    const of = states();
    of.apply({ at: 0, decided: { 'up to date': [0, 5] }, started: [started(6), started(7)] }, 10, 0);
    const told = new Told();
    told.take(of);
    const final = Uint8Array.from({ length: NODES }, (_, index) =>
      index < 6 ? digit('up to date') : index === 6 ? digit('executed') : digit('skipped'),
    );
    of.settle(final, [ended(6)], 1e15);
    expect(of.changedSince(10)).toEqual([6, 7, 8, 9, 10, 11]);
    told.take(of);
    expect(told.digits.join('')).toBe([...final].join(''));
    expect(of.runningNodes()).toEqual([]);
    expect(of.attempts).toHaveLength(1);
  });
});

describe('a delta', () => {
  it('is a reset for a state that the server does not have, and where nearly everything has changed', () => {
    const of = states();
    const view = viewOf(of);
    expect(liveDelta(view, 5, headOf(view, undefined), undefined)).toBe('reset');
    const many = nodeTable(
      Array.from({ length: 30_000 }, (_, index) => `n/${index}` as NodeId),
      undefined,
    );
    const large = new RunStates(many, 1, {}, () => undefined);
    large.apply({ at: 0, decided: { executed: [0, 29_999] } }, 1, 0);
    const whole = { ...viewOf(large), table: many };
    expect(liveDelta(whole, 0, headOf(whole, undefined), undefined)).toBe('reset');
    expect(liveDelta(whole, 1, headOf(whole, undefined), undefined)).not.toBe('reset');
  });
});
