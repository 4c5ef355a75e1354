import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { checkpointsProject } from '../support/checkpoints.ts';
import type { Project } from '../support/project.ts';

/** The steps of each chain whose state is in the cache. */
async function keptSteps(project: Project): Promise<readonly string[]> {
  const states = await project.json<readonly { node: string; outputs?: readonly string[] }[]>(['status']);
  const store = openStore(project.path('cache'));
  try {
    return states
      .filter(({ node }) => node.startsWith('step/'))
      .filter(({ outputs }) => store.hasArtefact(outputs?.[0] as never))
      .map(({ node }) => node);
  } finally {
    await store.close();
  }
}

describe('retain: checkpoints', () => {
  let project: Project;
  let total: string;

  beforeAll(async () => {
    project = checkpointsProject(2, 8);
    const { code, summary } = await project.run();
    expect(code).toBe(0);
    expect(summary).toMatchObject({ outcome: 'done', executed: 2 + 16 + 18 + 1, restored: 0 });
    total = project.read('results/total.json');
  });

  it('keeps the checkpoints and the last of each chain, and the results stand', async () => {
    expect(await keptSteps(project)).toEqual(['step/1/3', 'step/1/6', 'step/1/8', 'step/2/3', 'step/2/6', 'step/2/8']);
    const { summary } = await project.run();
    expect(summary).toMatchObject({ executed: 0, restored: 0, upToDate: 37 });
  });

  // Step 8 is not the last one any more, and goes.
  it('lets a chain grow without restoring anything', async () => {
    const { summary, started } = await project.run(['--set', 'steps=9']);
    expect(summary).toMatchObject({ restored: 0 });
    expect(started).toEqual(['look/1/9', 'look/2/9', 'step/1/9', 'step/2/9', 'total']);
  });

  it('says before it starts what the evicted bytes cost, and restores them from the nearest kept checkpoint', async () => {
    project.edit('stages/look.ts', '% 65521', '% 65519');
    const dry = await project.execute(['run', '--dry-run']);
    expect(dry.stdout).toMatch(/^to restore: 12 nodes up to date with evicted bytes: they took .* \(step\/1\/\d …\)$/m);
    const status = await project.execute(['status']);
    expect(status.stdout).toMatch(/^to restore: 12 nodes up to date/m);

    const { code, summary, started, events } = await project.run();
    expect(code).toBe(0);
    const again = [1, 2, 4, 5, 7, 8].flatMap((step) => [`step/1/${step}`, `step/2/${step}`]).sort();
    expect(started.filter((node) => node.startsWith('step/'))).toEqual(again);
    expect(summary).toMatchObject({ executed: 19, restored: 12 });
    const first = events.find(({ type }) => type === 'restoring');
    expect(first?.type === 'restoring' && [...first.nodes].sort()).toEqual(again);
    expect(events.indexOf(first as never)).toBeLessThan(events.findIndex(({ type }) => type === 'started'));
    expect(project.read('results/total.json')).not.toBe(total);
    expect(await keptSteps(project)).toHaveLength(6);
  });

  it('gives the same results as a project that keeps everything', async () => {
    const all = checkpointsProject(2, 8);
    all.edit('pipeline.yaml', '    retain: {state: checkpoints}\n', '');
    all.edit('stages/look.ts', '% 65521', '% 65519');
    await all.run();
    expect(all.read('results/total.json')).toBe(project.read('results/total.json'));
    expect(await all.digests()).toEqual(await project.digests());
    expect(await keptSteps(all)).toHaveLength(16);
  });
});
