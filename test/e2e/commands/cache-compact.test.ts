import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { nodesWithBytes } from '../support/bytes.ts';
import { checkpointsProject } from '../support/checkpoints.ts';
import type { Project } from '../support/project.ts';

interface GarbageReport {
  readonly unreachable: { readonly keys: readonly string[]; readonly artefacts: readonly string[] };
  readonly temporary: readonly { readonly node: string }[];
  readonly evicted: readonly { readonly node: string; readonly bytes: number }[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

describe('cache gc', () => {
  let project: Project;

  beforeAll(async () => {
    project = checkpointsProject(1, 4);
    await project.run();
    project.edit('stages/look.ts', '% 65521', '% 65519');
    await project.run();
  });

  it('keeps what the last runs made, and says so', async () => {
    const { code, stdout } = await project.execute(['cache', 'gc', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^would free 0 B of .*; nothing was removed\n$/);
  });

  it('with fewer runs kept, removes what nothing leads to; the rest is still up to date', async () => {
    const expected = await project.json<GarbageReport>(['cache', 'gc', '--keep-runs', '0', '--dry-run']);
    // Five looks and a total of the first run. The sum of an edited look may be what it was: then the artefact is shared.
    expect(expected.unreachable.keys).toHaveLength(6);
    const { code, stdout } = await project.execute(['cache', 'gc', '--keep-runs', '0']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^unreachable: 6 records, \d artefacts, \d+ B; they took .*$/m);
    expect(stdout).toMatch(/^freed .* stay\. "vmfdag cache compact" gives the space back to the disk$/m);
    expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 11 });
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
  });

  it('under a limit, removes bytes that are cheap to restore, and no published file', async () => {
    const report = await project.json<GarbageReport>(['cache', 'gc', '--max-size', '1B']);
    expect(report.evicted.length).toBeGreaterThan(0);
    expect(report.evicted.map(({ node }) => node)).not.toContain('total');
    expect(report.bytesBefore - report.evicted.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(report.bytesAfter);
    expect(await nodesWithBytes(project, 'step')).toEqual([]);
    expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 11, restored: 0 });
    // All of it comes back when it is needed.
    project.edit('stages/total.ts', '=> sum + value, 0', '=> sum + 2 * value, 0');
    const { summary } = await project.run();
    expect(summary).toMatchObject({ outcome: 'done', executed: 1 });
    expect(summary.restored).toBeGreaterThan(0);
  });

  it('refuses a size or a count that cannot be read', async () => {
    const size = await project.execute(['cache', 'gc', '--max-size', '10 gigs']);
    expect(size).toMatchObject({ code: 2 });
    expect(size.stderr).toContain('fix: write a size such as 500MB or 1.5GiB');
    const runs = await project.execute(['cache', 'gc', '--keep-runs', '-1']);
    expect(runs).toMatchObject({ code: 2 });
    expect(runs.stderr).toContain('fix: write a whole number, 0 or more');
  });
});

describe('cache compact', () => {
  it('makes the file smaller, while others read it; killed at any moment it leaves a whole cache', async () => {
    const project = checkpointsProject(1, 4);
    await project.run();
    const before = await project.digests();
    const random = randomStream(7, 'moments of kill -9');
    const reader = openStore(project.path('cache'));
    for (let kill = 0; kill < 6; kill++) {
      const compaction = project.start(['cache', 'compact'], { detached: true });
      await sleep(random.uniform() * 500);
      try {
        compaction.signalGroup('SIGKILL');
      } catch {
        // It has already ended.
      }
      await compaction.ended;
      expect(await project.digests()).toEqual(before);
    }
    const { code, stdout } = await project.execute(['cache', 'compact']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+ kB before, \S+ kB now\n$/) });
    expect([...reader.records()]).toHaveLength(11);
    expect(reader.isCurrent()).toBe(false);
    await reader.close();
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
    expect((await project.run(['--set', 'steps=5'])).summary).toMatchObject({
      outcome: 'done',
      executed: 3,
      restored: 0,
    });
  });

  it('lets a run that waits for it go on in the new file', async () => {
    const project = checkpointsProject(1, 4);
    await project.run();
    project.edit('pipeline.yaml', 'milliseconds: 0', 'milliseconds: 300');
    const first = project.start(['run', '--json']);
    expect(await first.until((running) => running.events().some(({ type }) => type === 'started'))).toBe(true);
    // Both wait for the run; whichever comes first, neither may lose anything.
    const compaction = project.start(['cache', 'compact']);
    const second = project.start(['run', '--json', '--set', 'steps=6']);
    const [a, b, c] = await Promise.all([first.ended, compaction.ended, second.ended]);
    expect([a.code, b.code, c.code]).toEqual([0, 0, 0]);
    expect((await project.run(['--set', 'steps=6'])).summary).toMatchObject({ executed: 0 });
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
  });
});

describe('kill -9 of a run that evicts bytes', () => {
  it('at random moments changes no result, and restores nothing', async () => {
    const project = checkpointsProject(2, 8);
    project.edit('pipeline.yaml', 'milliseconds: 0', 'milliseconds: 20');
    const undisturbed = ['--cache', project.path('undisturbed')];
    await project.run(undisturbed);
    const expected = await project.digests(undisturbed);
    const random = randomStream(11, 'moments of kill -9');
    const finished = new Set<string>();
    for (let kills = 0; ; kills++) {
      const run = project.start(['run', '--json'], { detached: true });
      if (kills < 8) {
        const events = random.integer(30);
        await run.until((running) => running.events().length >= events);
        await sleep(random.uniform() * 30);
        try {
          run.signalGroup('SIGKILL');
        } catch {
          // It has already ended.
        }
      }
      const ended = await run.ended;
      for (const event of run.events()) {
        if (event.type === 'started') expect(finished, `${event.node} again`).not.toContain(event.node);
        if (event.type === 'finished') finished.add(event.node);
        expect(event.type).not.toBe('restoring');
      }
      if (ended.signal === null) break;
    }
    expect(await project.digests()).toEqual(expected);
    expect(project.read('results/total.json').length).toBeGreaterThan(1);
    // One that is killed as its last act may leave bytes that the next execution evicts.
    expect(await nodesWithBytes(project, 'step')).toEqual(
      expect.arrayContaining([1, 2].flatMap((chain) => [3, 6, 8].map((step) => `step/${chain}/${step}`))),
    );
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
  });
});
