import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import type { PlanNode } from '../../../../src/engine/plan/plan.ts';
import { RunLedger } from '../../../../src/engine/run/ledger.ts';
import type { LiveEntry, PulseEntry } from '../../../../src/engine/run/live/live-entry.ts';
import { liveFolder, liveFolders } from '../../../../src/engine/run/live/live-folder.ts';
import { LiveJournal } from '../../../../src/engine/run/live/live-journal.ts';
import { Task } from '../../../../src/engine/run/task.ts';
import type { Subject } from '../../../../src/engine/staleness/subjects.ts';
import { planOf, planStage } from '../plans.ts';

const stage = planStage('n');
const plan = planOf([0, 1, 2, 3].map((index) => ({ stage, coordinates: { index } })));
const code = digestBytes<CodeFingerprint>('code');
const request = {
  plan,
  fingerprints: new Map([[stage, code]]),
  compute: undefined,
  engine: 'V8',
  environment: {},
  forced: new Set<string>(),
};

const node = (index: number) => plan.nodes[index] as PlanNode;
const keyOf = (index: number) => digestBytes<NodeKey>(`${index}`);
const taskOf = (index: number): Task =>
  new Task(
    { node: node(index), key: keyOf(index), code } as unknown as Subject,
    { kind: 'record' },
    { rule: 'never run' },
  );

function beginning(cache = mkdtempSync(join(tmpdir(), 'live-'))) {
  const ledger = new RunLedger(request as never, 0);
  const journal = new LiveJournal(cache, 'r1', plan.nodes, () => ledger);
  const listener = journal.listen(() => {});
  const start = (index: number) => {
    listener({ type: 'started', node: node(index).id, attempt: 1, reason: { rule: 'never run' } });
    journal.assigned(taskOf(index), 1, undefined);
  };
  const end = (index: number, outcome: 'executed' | 'failed') => {
    const ended =
      outcome === 'executed'
        ? ({ kind: 'committed', outputs: [], seconds: 1, bytes: 1 } as const)
        : ({ kind: 'failed', cause: 'stage', diagnostic: { fact: 'no' }, log: '' } as const);
    ledger.attempted(taskOf(index), ended, { worker: 1, start: 0, end: 1 });
    ledger.decide(node(index), keyOf(index), outcome);
  };
  const lines = <T>(name: string): readonly T[] =>
    readFileSync(join(liveFolder(cache, 'r1'), name), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text) as T);
  return { cache, ledger, journal, listener, start, end, lines, entries: () => lines<LiveEntry>('journal.jsonl') };
}

const pause = () => sleep(700);

describe('the live journal of a run', () => {
  it('tells what was decided before the first node is executed, what runs, and what has ended', async () => {
    const run = beginning();
    run.ledger.decide(node(0), keyOf(0), 'up to date');
    run.ledger.decide(node(1), keyOf(1), 'up to date');
    run.start(2);
    await pause();
    expect(run.entries()).toMatchObject([
      { decided: { 'up to date': [0, 1] }, started: [{ node: 2, attempt: 1, worker: 1, reason: 'never run' }] },
    ]);
    run.end(2, 'failed');
    run.listener({ type: 'failed', node: node(2).id, cause: 'stage', diagnostic: { fact: 'no', fix: 'yes' }, log: '' });
    run.listener({ type: 'skipped', node: node(3).id, because: node(2).id });
    run.listener({ type: 'stopping', running: 0 });
    await pause();
    expect(run.entries()[1]).toMatchObject({
      decided: { failed: [2, 2], skipped: [3, 3] },
      ended: [{ node: 2, outcome: 'failed' }],
      notices: [{ kind: 'failed', node: 'n/2', fact: 'no', fix: 'yes' }],
      isStopping: true,
    });
    await run.journal.close();
    expect(existsSync(liveFolders(run.cache))).toBe(false);
  });

  it('leaves what another run has there', async () => {
    const run = beginning();
    run.start(0);
    await pause();
    mkdirSync(join(liveFolders(run.cache), 'r2'));
    await run.journal.close();
    expect(readdirSync(liveFolders(run.cache))).toEqual(['r2']);
  });

  it('tells the newest progress and values, and what a node prints', async () => {
    const run = beginning();
    run.start(1);
    for (let step = 0; step < 1000; step++) {
      run.listener({ type: 'progress', node: node(1).id, fraction: step / 1000 });
      run.listener({ type: 'metrics', node: node(1).id, values: [{ name: 'loss', step, value: 1 / step }] });
    }
    run.journal.output(node(1).id, 'first line\n', 0);
    await pause();
    expect(run.lines<PulseEntry>('pulse-0.jsonl')).toMatchObject([
      { nodes: [{ node: 1, fraction: 0.999, values: [{ name: 'loss', step: 999 }] }] },
    ]);
    expect(readFileSync(join(liveFolder(run.cache, 'r1'), '1.log'), 'utf8')).toBe('0\nfirst line\n');
    run.end(1, 'executed');
    await pause();
    expect(existsSync(join(liveFolder(run.cache, 'r1'), '1.log'))).toBe(false);
    await run.journal.close();
  });

  it('writes nothing where nothing is executed', async () => {
    const run = beginning();
    run.ledger.decide(node(0), keyOf(0), 'up to date');
    run.listener({ type: 'upToDate', node: node(0).id });
    await pause();
    await run.journal.close();
    expect(existsSync(liveFolders(run.cache))).toBe(false);
  });

  it('removes what killed runs have left', async () => {
    const run = beginning();
    mkdirSync(join(liveFolders(run.cache), 'killed'), { recursive: true });
    run.start(0);
    await pause();
    expect(readdirSync(liveFolders(run.cache))).toEqual(['r1']);
    await run.journal.close();
  });

  it('does not disturb a run whose cache cannot hold it', async () => {
    const run = beginning();
    writeFileSync(join(run.cache, 'file'), '');
    const journal = new LiveJournal(join(run.cache, 'file'), 'r1', plan.nodes, () => run.ledger);
    const heard: string[] = [];
    const listener = journal.listen(({ type }) => heard.push(type));
    listener({ type: 'started', node: node(0).id, attempt: 1, reason: { rule: 'never run' } });
    journal.assigned(taskOf(0), 1, undefined);
    await pause();
    await journal.close();
    expect(heard).toEqual(['started']);
  });
});
