import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodesOf, reportOf } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { halvingProject, PIPELINE } from '../support/halving.ts';
import type { Project } from '../support/project.ts';
import { withExecutor } from '../support/units.ts';

/** Rung 1 lets the best three of six go on, rung 3 the best one of three. */
const STEPS = [
  '10/1',
  '14/1',
  '14/2',
  '14/3',
  '19/1',
  '19/2',
  '19/3',
  '19/4',
  '19/5',
  '19/6',
  '26/1',
  '26/2',
  '26/3',
  '40/1',
  '80/1',
];

describe('successive halving', () => {
  let project: Project;
  beforeAll(() => {
    project = halvingProject();
  });
  const table = () => JSON.parse(project.read('results/table.json'));

  it('runs no step of a chain that has ended, and says so everywhere', async () => {
    const dry = await project.execute(['run', '--dry-run']);
    // 6 starts, 36 steps, 6 evaluations, the table; all behind the first rung may be cut.
    expect(dry.stdout).toContain('at most 49 nodes: the chains of 37 may have ended before ("stop")');

    const run = await project.run();
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.summary).toMatchObject({
      outcome: 'done',
      executed: 6 + STEPS.length + 2,
      cutShort: 21 + 5,
      skipped: 0,
      failed: 0,
    });
    expect(run.started.filter((node) => node.startsWith('train'))).toEqual(STEPS.map((step) => `train/${step}`).sort());
    expect(table()).toEqual({ steps: STEPS, scores: [[19, 6]] });
    expect(run.events).toContainEqual({
      type: 'cutShort',
      node: 'train/80/2',
      after: 'train/80/1',
      reason: { rule: 'halving', metric: 'loss', value: 61, rank: 6, chains: 6, kept: 3 },
    });

    const again = await project.run();
    expect(again.summary).toMatchObject({ outcome: 'done', executed: 0, upToDate: 23, cutShort: 26 });
    const plain = await project.execute(['run']);
    expect(plain.stdout).toMatch(/up to date: 0 nodes executed, 23 nodes found in the cache, 26 cut short/);

    const status = await project.execute(['status']);
    expect(status.stdout).toMatch(/stage +nodes +up to date +stale +waiting +cut short/);
    expect(status.stdout).toMatch(/train +36 +15 +0 +0 +21/);
    const explained = await project.execute(['explain', 'evaluate/80']);
    expect(explained.stdout).toContain(
      'evaluate/80 is cut short: train/80/1 is the last step: its loss of 61 is number 6 of 6, and 3 go on',
    );
    const graph = await project.execute(['graph', '--expand', 'evaluate']);
    expect(graph.stdout).toContain('cut short');
    const history = await project.execute(['history', 'show', 'last~2']);
    expect(history.stdout).toMatch(/26 cut short/);
    expect(history.stdout).toMatch(/train +36 +15 +0 +0 +21/);
  });

  it('publishes what there is', async () => {
    const run = await project.execute(['run', 'each']);
    expect(run.code).toBe(0);
    expect(project.read('results/best.json')).toContain('6');
    expect(() => project.read('results/worst.json')).toThrow();
  });

  it('gives after any edit what an empty cache gives, and runs only what the decisions change', async () => {
    const edits: readonly (readonly [string, string, string])[] = [
      ['another factor', 'factor: 2', 'factor: 1.5'],
      ['another rung', 'rungs: [1, 3]', 'rungs: [2]'],
      ['more chains', '[10, 14, 19, 26, 40, 80]', '[10, 14, 19, 20, 26, 40, 80]'],
      ['other direction', 'best: min', 'best: max'],
      [
        'a bound',
        '{metric: loss, best: max, rungs: [2], factor: 1.5}',
        '[{metric: loss, above: 20}, {metric: loss, best: min, patience: 9}]',
      ],
    ];
    for (const [name, old, replacement] of edits) {
      project.edit('pipeline.yaml', old, replacement);
      const before = new Set(await project.recorded());
      const run = await project.run();
      expect(run, name).toMatchObject({ code: 0 });
      // A step that was ever executed is not executed again.
      for (const node of run.started.filter((each) => each.startsWith('train')))
        expect(before.has(node), name).toBe(false);
      const fresh = await project.run(['--cache', `fresh-${name.replaceAll(' ', '-')}`]);
      expect(await project.digests(), name).toEqual(
        await project.digests(['--cache', `fresh-${name.replaceAll(' ', '-')}`]),
      );
      expect(fresh.summary.cutShort, name).toBe(run.summary.cutShort);
    }
    project.write('pipeline.yaml', PIPELINE);
    const back = await project.run();
    expect(back.started).toEqual([]);
    expect(table()).toEqual({ steps: STEPS, scores: [[19, 6]] });
  });

  it('is the same after kill -9 at any moment', async () => {
    const cache = ['--cache', 'killed', '--set', 'pause=30'];
    for (let kills = 0, isOver = false; !isOver; kills++) {
      const run = project.start(['run', '--json', ...cache], { detached: true });
      if (kills < 6) {
        await run.until((running) => nodesOf(running.events(), 'finished').length >= 2);
        await sleep(15 * kills);
        try {
          run.signalGroup('SIGKILL');
        } catch {
          // It has already ended.
        }
      }
      const ended = await run.ended;
      isOver = ended.signal === null;
      if (isOver) expect(reportOf(ended)).toMatchObject({ code: 0, summary: { outcome: 'done', cutShort: 26 } });
    }
    expect(table()).toEqual({ steps: STEPS, scores: [[19, 6]] });
  });

  it('is the same from a shared cache', async () => {
    const shared = pathToFileURL(temporaryFolder()).href;
    project.write('vmfdag.settings.yaml', `cache: {shared: {url: "${shared}"}}\n`);
    expect((await project.run(['--cache', 'one'])).summary).toMatchObject({ executed: 23, cutShort: 26 });
    const other = await project.run(['--cache', 'other']);
    expect(other.summary).toMatchObject({ outcome: 'done', executed: 0, fetched: 23, cutShort: 26 });
    expect((await project.execute(['cache', 'pull', '--cache', 'pulled'])).code).toBe(0);
    rmSync(project.path('vmfdag.settings.yaml'));
    const pulled = await project.run(['--cache', 'pulled']);
    expect(pulled.summary).toMatchObject({ outcome: 'done', executed: 0, upToDate: 23, cutShort: 26 });
  });

  it('is the same where other machines execute the steps, also those that are sent ahead', async () => {
    // Between the rungs and behind them, steps go ahead.
    const exec = withExecutor(PIPELINE, undefined, 'slots: 2, units: {target: 30s}');
    project.write('there.yaml', exec);
    const args = ['--file', 'there.yaml', '--executor', 'there', '--cache', 'there'];
    expect(await project.run(args)).toMatchObject({ code: 0, summary: { executed: 23, cutShort: 26 } });
    // Now it is known how long a step takes.
    const longer = await project.run([...args, '--set', 'steps=9']);
    expect(longer).toMatchObject({ code: 0, summary: { outcome: 'done', cutShort: 36 + 5 } });
    expect(longer.started.filter((node) => node.startsWith('train'))).toEqual([
      'train/19/7',
      'train/19/8',
      'train/19/9',
    ]);
  });

  it('is up to date: it can be pinned, archived, reported and collected', async () => {
    await project.run();
    for (const command of ['cache pin table', 'archive each --output each.zip', 'report', 'cache gc']) {
      const { code, stderr } = await project.execute(command.split(' '));
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    }
    expect((await project.run()).summary).toMatchObject({ outcome: 'done', executed: 0, upToDate: 23, cutShort: 26 });
    const { code, stderr } = await project.execute(['cache', 'get', 'evaluate/80.score']);
    expect(code).toBe(2);
    expect(stderr).toContain('evaluate/80 is cut short: train/80/1 is the last step');
  });

  it('of settings of a sweep compares the chains of each', async () => {
    const sweep = await project.execute(['sweep', '--set', 'steps=[3, 6]', '--json', 'table']);
    expect(sweep.code).toBe(0);
    expect(JSON.parse(project.read('results/sweep/steps=6/table.json'))).toEqual({ steps: STEPS, scores: [[19, 6]] });
    // With three steps, nothing is decided after the third.
    expect(JSON.parse(project.read('results/sweep/steps=3/table.json'))).toMatchObject({
      scores: [
        [14, 3],
        [19, 3],
        [26, 3],
      ],
    });
  });

  it('names a metric that nobody reports', async () => {
    project.edit('pipeline.yaml', 'metric: loss', 'metric: lost');
    const run = await project.run(['--cache', 'unnamed']);
    expect(run.code).toBe(2);
    expect(run.events).toContainEqual(
      expect.objectContaining({
        type: 'failed',
        cause: 'usage',
        diagnostic: expect.objectContaining({
          fact: 'it has reported no value of "lost", by which "stop" decides whether its chain goes on',
        }),
      }),
    );
    project.write('pipeline.yaml', PIPELINE);
  });
});
