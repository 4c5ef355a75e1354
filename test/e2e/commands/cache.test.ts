import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { damage } from '../support/bytes.ts';
import { checkpointsProject } from '../support/checkpoints.ts';
import type { Project } from '../support/project.ts';

describe('a cache', () => {
  let project: Project;

  beforeEach(async () => {
    project = checkpointsProject(1, 4);
    expect((await project.run()).code).toBe(0);
  });

  it('shows by stage what it holds and what was evicted', async () => {
    const { stdout } = await project.execute(['cache', 'stat']);
    const cells = stdout.split('\n').map((line) =>
      line
        .trim()
        .split(/\s{2,}/)
        .slice(0, 5),
    );
    expect(cells[0]).toEqual(['stage', 'records', 'artefacts', 'evicted', 'size']);
    expect(cells).toContainEqual(['step', '4', '6', '2', '8.2 kB']);
    expect(cells).toContainEqual(['look', '5', '5', '0', '28 B']);
    expect(await project.json(['cache', 'stat'])).toMatchObject({
      records: 11,
      runs: 1,
      stages: { step: { records: 4, artefacts: 6, evicted: 2 } },
      withoutRecord: { artefacts: 0, bytes: 0 },
      quarantined: { artefacts: 0, bytes: 0 },
    });
  });

  it('is verified: what is damaged is named and quarantined, and the next run repairs it', async () => {
    const sound = await project.execute(['cache', 'verify']);
    expect({ ...sound, stdout: sound.stdout.replace(/\([^)]*\)/, '(SIZE)') }).toMatchObject({
      code: 0,
      stdout: '13 artefacts (SIZE), 11 records and 4 bundles checked: all sound\n',
    });
    const before = await project.digests();
    const digest = await damage(project, 'step/1/3', 2000);
    const found = await project.execute(['cache', 'verify']);
    expect({ ...found, stdout: found.stdout.replace(/checked: |\d+ artefacts \([^)]*\), /g, '') }).toMatchObject({
      code: 1,
      stdout: `damaged: artefact ${digest.slice(0, 12)} (4.1 kB) of step/1/3\n11 records and 4 bundles 1 damaged and quarantined; the next run repairs them\n`,
    });
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
    const { code, summary } = await project.run();
    expect(code).toBe(0);
    // The steps before it were evicted, and are restored for a moment.
    expect(summary).toMatchObject({ executed: 1, restored: 2, cutOff: 4 });
    expect(await project.digests()).toEqual(before);
  });

  it('is repaired while a run reads it', async () => {
    const before = await project.digests();
    await damage(project, 'step/1/3');
    project.edit('stages/look.ts', '% 65521', '% 65519');
    const { code, stdout } = await project.execute(['run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^damaged {2}look\/1\/3 {2}the artefact [0-9a-f]{12} in .* is damaged: its bytes now have digest [0-9a-f]{12}; the node is executed again$/m,
    );
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
    const after = await project.digests();
    for (const step of [1, 2, 3, 4]) expect(after[`step/1/${step}`]).toEqual(before[`step/1/${step}`]);
  });

  it('is repaired when a target is published from damaged bytes', async () => {
    await damage(project, 'total', 0);
    rmSync(project.path('results'), { recursive: true });
    const first = await project.execute(['run']);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(
      /^the artefact [0-9a-f]{12} in .* is damaged: its bytes now have digest [0-9a-f]{12}\n {2}fix: it was quarantined: check the disk and run again; its node is executed again\n$/,
    );
    expect((await project.run()).summary).toMatchObject({ outcome: 'done', executed: 1 });
    expect(Number(project.read('results/total.json'))).toBeGreaterThan(0);
  });

  it('gives evicted bytes after a run that restores them', async () => {
    const missing = await project.execute(['cache', 'get', 'step/1/2.state', 'state.bin']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^the artefact [0-9a-f]{12} is not in the cache in .*\n {2}fix: it was evicted, as "retain" and "cache gc" do: "vmfdag run --target NODE --restore" restores it\n$/,
    );
    const { summary, started } = await project.run(['--target', 'step/1/2', '--restore']);
    expect(summary).toMatchObject({ executed: 0, restored: 2 });
    expect(started).toEqual(['step/1/1', 'step/1/2']);
    expect((await project.execute(['cache', 'get', 'step/1/2.state', 'state.bin'])).code).toBe(0);
    expect(project.read('state.bin').length).toBeGreaterThan(0);
  });
});

describe('an audit', () => {
  it('executes up-to-date nodes again, and finds them the same', async () => {
    const project = checkpointsProject(1, 4);
    await project.run();
    const { code, stdout } = await project.execute(['run', '--audit', '2', '--audit-seed', '5']);
    expect(code).toBe(0);
    const picked = /^audit {4}2 nodes picked by --audit-seed 5: (\S+), (\S+)$/m.exec(stdout)?.slice(1) ?? [];
    expect(picked).toHaveLength(2);
    for (const node of picked) expect(stdout).toContain(`start    ${node}  (audit)`);
    expect(stdout).toMatch(/^done: 0 nodes executed, 11 up to date, .*2 audited and the same/m);
    const again = await project.execute(['run', '--audit', '2', '--audit-seed', '5']);
    expect(again.stdout).toContain(`--audit-seed 5: ${picked.join(', ')}`);
  });

  it('reports a stage whose bytes differ each time; so does a run that restores its evicted bytes', async () => {
    const project = checkpointsProject(1, 4);
    project.edit('stages/step.ts', '+ step) % 251', '+ step + process.pid) % 251');
    await project.run();
    const audit = await project.run(['--audit', '11', '--audit-seed', '1', '--keep-going']);
    expect(audit.code).toBe(1);
    const failed = audit.events.filter((event) => event.type === 'failed');
    expect(failed.map(({ node }) => node).sort()).toContain('step/1/1');
    const first = failed.find(({ node }) => node === 'step/1/1');
    expect(first?.diagnostic.fact.replace(/[0-9a-f]{12}/g, 'DIGEST')).toBe(
      'step/1/1 was executed again with the same key and gave other bytes: state was DIGEST and is DIGEST now, sum was DIGEST and is DIGEST now',
    );
    expect(first?.diagnostic.fix).toBe(
      'stage step is not deterministic, or the machine is not: find out which, then run it again with --force step; a stage that cannot repeat its bytes says "reproducible: false"',
    );
    project.edit('stages/look.ts', '% 65521', '% 65519');
    const { code, summary, events } = await project.run();
    expect(code).toBe(1);
    expect(summary).toMatchObject({ outcome: 'failed', failed: 1 });
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({ node: 'step/1/1' });
  });
});
