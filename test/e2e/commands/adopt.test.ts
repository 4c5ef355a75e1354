import { describe, expect, it } from 'vitest';
import { prepareRequest } from '../../../src/engine/api/project/prepare-request.ts';
import { openProject } from '../../../src/engine/api/project/project.ts';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import { Subjects } from '../../../src/engine/staleness/subjects.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { outputDigests } from '../../../src/engine/store/output-order.ts';
import { chainNodes, chainsProject } from '../support/chains.ts';
import { reportOf } from '../support/command-line.ts';
import { problemsOf } from '../support/output-schemas.ts';
import type { Project } from '../support/project.ts';

const EARLIER = 'V8 1.0';

interface AdoptionReport {
  readonly outcome: string;
  readonly audited: readonly string[];
  readonly failed: readonly string[];
  readonly nodes: readonly { readonly node: string; readonly engine: string }[];
}

/**
 * Turns the results in a project's cache into those of an earlier engine, as if that had run the pipeline and this one never had.
 * @param differing the node that gave other bytes then.
 */
async function age(project: Project, differing?: string): Promise<void> {
  const store = openStore(project.path('cache'));
  try {
    const opened = openProject({ file: project.path('pipeline.yaml') });
    const request = await prepareRequest(opened, store, []);
    const [present, earlier] = [new Subjects(request), new Subjects({ ...request, engine: EARLIER })];
    const [known, knownThen]: [(readonly ArtefactDigest[])[], (readonly ArtefactDigest[])[]] = [[], []];
    const keys: NodeKey[] = [];
    for (const node of request.plan.nodes) {
      const key = present.subject(node, known)?.key as NodeKey;
      const record = store.record(key);
      if (!record) throw new Error(`${node.id} is not up to date`);
      const then = earlier.subject(node, knownThen)?.key as NodeKey;
      let { outputs } = record;
      const artefacts = new Map<ArtefactDigest, Uint8Array>();
      if (node.id === differing) {
        const bytes = new TextEncoder().encode('-1\n');
        const digest = digestBytes<ArtefactDigest>(bytes);
        artefacts.set(digest, bytes);
        outputs = Object.fromEntries(
          Object.entries(outputs).map(([name, output]) => [name, { ...output, digest, bytes: bytes.length }]),
        );
      }
      const aged = { ...record, key: then, engine: EARLIER, outputs };
      await store.commit({ record: aged, artefacts });
      known.push(outputDigests(record));
      knownThen.push(outputDigests(aged));
      keys.push(key);
    }
    await store.inspection.removeResults(keys, 'records and traces');
  } finally {
    await store.close();
  }
}

async function agedProject(differing?: string): Promise<Project> {
  const project = chainsProject(2, 3, 0);
  expect((await project.run()).code).toBe(0);
  await age(project, differing);
  expect((await project.json<readonly { state: string }[]>(['status'])).map(({ state }) => state)).not.toContain(
    'current',
  );
  return project;
}

async function adopt(
  project: Project,
  args: readonly string[],
): Promise<AdoptionReport & { readonly code: number | null }> {
  const { code, stdout, stderr } = await project.execute(['cache', 'adopt', '--json', ...args]);
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as AdoptionReport;
  expect(problemsOf('cache-adopt', report)).toEqual([]);
  return { code, ...report };
}

describe('cache adopt', () => {
  it('takes over all results of an earlier engine if the audited nodes give the same bytes, and the records say so', async () => {
    const project = await agedProject();
    const report = await adopt(project, ['--audit', '3', '--seed', '7']);
    expect(report).toMatchObject({ code: 0, outcome: 'adopted', failed: [] });
    expect(report.nodes.map(({ node }) => node).toSorted()).toEqual(chainNodes(2, 3));
    expect(new Set(report.nodes.map(({ engine }) => engine))).toEqual(new Set([EARLIER]));
    expect(report.audited.map((node) => node.split('/')[0]).toSorted()).toEqual(['start', 'step', 'total']);

    expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 9 });
    const explained = await project.execute(['explain', 'step/2/3']);
    expect(explained.stdout).toContain(`adopted from ${EARLIER}, after 3 nodes gave the same bytes in run `);
    const record = await project.json<{ adopted: object }>(['cache', 'show', 'step/2/3']);
    expect(problemsOf('cache-show', record)).toEqual([]);
    expect(record.adopted).toMatchObject({ engine: EARLIER, audited: report.audited, seed: 7 });
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
    expect(await adopt(project, ['--audit', '3'])).toMatchObject({ code: 0, outcome: 'nothing', nodes: [] });
  });

  it('names a node that gives other bytes, and takes over nothing', async () => {
    const project = await agedProject('total');
    const text = await project.execute(['cache', 'adopt', '--audit', '100']);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('total gives other bytes under V8');
    expect(text.stdout).toMatch(/^nothing was adopted of 9 nodes: total failed or gave other bytes/m);
    expect(await adopt(project, ['--audit', '100'])).toMatchObject({
      code: 1,
      outcome: 'refused',
      failed: ['total'],
    });
    const states = await project.json<readonly { state: string }[]>(['status']);
    expect(states.map(({ state }) => state)).not.toContain('current');
    // The right result is that of the present engine.
    expect((await project.run()).summary).toMatchObject({ outcome: 'done', executed: 9 });
  });

  it('does not adopt nodes that are stale for another reason, nor their dependents', async () => {
    const project = await agedProject();
    project.edit('stages/total.ts', 'total: sum(', 'total: 2 * sum(');
    const report = await adopt(project, ['--audit', '1']);
    expect(report.nodes.map(({ node }) => node)).not.toContain('total');
    expect(report.nodes).toHaveLength(8);
    expect((await project.run()).started).toEqual(['total']);
  });

  it('restores bytes that the audited nodes need', async () => {
    const project = await agedProject();
    const store = openStore(project.path('cache'));
    await store.dropArtefacts([...store.inspection.artefacts()].map(({ digest }) => digest));
    await store.close();
    expect(await adopt(project, ['--audit', '1', '--target', 'total'])).toMatchObject({ outcome: 'adopted' });
    expect((await project.run(['--audit', '9'])).summary).toMatchObject({ outcome: 'done', executed: 0, audited: 9 });
  });

  const otherNode = process.env.VMFDAG_OTHER_NODE;
  it.runIf(otherNode)('takes over the results of another Node (VMFDAG_OTHER_NODE names its program)', async () => {
    const project = chainsProject(2, 3, 0);
    const other = { node: otherNode as string };
    expect(reportOf(await project.execute(['run', '--json'], other)).summary).toMatchObject({ executed: 9 });
    expect(await adopt(project, ['--audit', '3'])).toMatchObject({ outcome: 'adopted' });
    expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 9 });
  });
});
