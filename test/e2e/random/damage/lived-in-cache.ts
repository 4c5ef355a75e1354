import { createHash } from 'node:crypto';
import { codeFingerprint } from '../../../../src/engine/keys/bundle-cache.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { InspectableStore } from '../../../../src/engine/store/inspection.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import type { RunManifest } from '../../../../src/engine/store/run-manifest.ts';
import type { RunRecord } from '../../../../src/engine/store/store.ts';
import { UnreadableArtefact } from '../../../../src/engine/store/unreadable-artefact.ts';
import { commitOf, content } from '../../../engine/store/commits.ts';

const NODES = 60;
const RUNS = ['run 1', 'run 2', 'run 3'];
const GRAPH = { imported: {}, packages: [] };
const TEXTS = ['export default 1;', `export default 2; // ${'x'.repeat(9000)}`];
const CODE = TEXTS.map((text) => ({
  kind: 'module' as const,
  fingerprint: codeFingerprint(text, GRAPH),
  text,
  sourceMap: '{}',
  packages: GRAPH,
}));

/** Sizes within a page, and on pages of their own. */
export const COMMITS = Array.from({ length: NODES }, (_, index) =>
  commitOf(`train/${index}`, {
    weights: content(index % 3 === 0 ? 9000 + index : 300 + index, index),
    loss: content(8, index),
  }),
);

const MANIFEST: RunManifest = {
  params: { steps: 3 },
  code: {},
  targets: [],
  nodes: COMMITS.map(({ record }) => ({ node: record.node, key: record.key, outcome: 'executed' })),
};

function runOf(id: string): RunRecord {
  const startedAt = '2026-01-02T03:04:05.678Z';
  return {
    id,
    startedAt,
    command: ['run'],
    profile: null,
    targets: [],
    state: 'done',
    seconds: 1,
    counts: { executed: 3 },
  };
}

/** Fills a cache with something of all that one can hold; some of it is removed again, so that there are free pages too. */
export async function fillCache(folder: string): Promise<void> {
  const store = openStore(folder);
  for (const commit of COMMITS) await store.commit(commit);
  for (const code of CODE) {
    const stamp = { name: code.text.slice(0, 16), sources: { files: [], folders: [] }, packages: GRAPH };
    await store.bundles.put({ code, stamp, packages: new Map() });
  }
  for (const [index, run] of RUNS.entries()) {
    await store.putRun(runOf(run));
    const attempt = { node: index, attempt: 1, worker: 1, start: 0, end: 1, seconds: 1, outcome: 'executed' } as const;
    await store.putManifest(run, { ...MANIFEST, params: { steps: index } }, [attempt]);
  }
  await store.putDurations({ train: 2.5 });
  await store.confirm('request', { run: 'run 1', nodes: NODES, files: [], software: [] }, store.revision());
  const extra = Array.from({ length: 20 }, (_, index) =>
    commitOf(`extra/${index}`, { out: content(12_000, 500 + index) }),
  );
  for (const commit of extra) await store.commit(commit);
  await store.dropArtefacts(extra.flatMap(({ artefacts }) => [...artefacts.keys()]));
  await store.inspection.removeResults(
    extra.map(({ record }) => record.key),
    'records and traces',
  );
  await store.confirm('request', { run: 'run 1', nodes: NODES, files: [], software: [] }, store.revision());
  await store.close();
}

/** All that such a cache gives back, by name; what it does not give is not in it. */
export function inventory(store: InspectableStore): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const keep = (name: string, value: unknown) => {
    if (value !== undefined) found.set(name, JSON.stringify(value));
  };
  for (const { record, artefacts } of COMMITS) {
    keep(`trace of ${record.node}`, store.trace(record.key));
    keep(`record of ${record.node}`, store.record(record.key));
    keep(`last key of ${record.node}`, store.lastKey(record.node as NodeId));
    for (const digest of artefacts.keys())
      keep(
        `artefact ${digest}`,
        bytesOf(() => store.artefact(digest)),
      );
  }
  for (const record of store.records()) keep(`record ${record.key}`, record);
  for (const run of store.runs()) keep(`run ${run.id}`, run);
  for (const run of RUNS) {
    keep(`manifest of ${run}`, store.manifest(run));
    const journal = store.journal(run);
    keep(`journal of ${run}`, journal.length > 0 ? journal : undefined);
  }
  for (const { fingerprint, text } of CODE) {
    keep(`code ${fingerprint}`, store.bundles.code(fingerprint));
    keep(`stamp ${text.slice(0, 16)}`, store.bundles.stamp(text.slice(0, 16)));
  }
  const durations = store.durations();
  keep('durations', Object.keys(durations).length > 0 ? durations : undefined);
  keep('confirmation', store.confirmation('request'));
  return found;
}

function bytesOf(read: () => Uint8Array): string | undefined {
  try {
    return createHash('sha256').update(read()).digest('hex');
  } catch (error) {
    if (error instanceof UnreadableArtefact) return undefined;
    throw error;
  }
}
