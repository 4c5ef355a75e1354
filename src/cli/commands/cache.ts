import { join } from 'node:path';
import { suggestName } from '../../base/diagnostic.ts';
import { type ArtefactDigest, shortDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { ARTEFACT_EXTENSIONS } from '../../contract/artefact.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { writeArtefact } from '../../report/publish.ts';
import { type NodeState, survey } from '../../run/survey.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import { outputOrder } from '../../store/output-order.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { formatBytes, formatCount, formatSeconds, formatTable } from '../../ui/format.ts';
import { line, printJson } from '../output.ts';
import { cacheDirectory, openProject, type ProjectOptions, prepareRequest } from '../project.ts';

export interface CacheOptions extends ProjectOptions {
  readonly json?: boolean;
}

async function withStore<T>(options: CacheOptions, use: (store: Store) => T): Promise<T> {
  const store = openStore(cacheDirectory(options));
  try {
    return use(store);
  } finally {
    await store.close();
  }
}

/** `vmfdag cache ls [TEXT]`: the records, newest last; with a text, those of nodes whose name holds it. */
export function cacheList(text: string | undefined, options: CacheOptions): Promise<number> {
  return withStore(options, (store) => {
    const records = [...store.records()]
      .filter(({ node }) => text === undefined || node.includes(text))
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    if (options.json) {
      printJson(records.map(({ log: _log, ...record }) => record));
      return 0;
    }
    const rows = records.map((record) => [
      record.startedAt.slice(0, 19),
      shortDigest(record.key),
      record.node,
      formatSeconds(record.seconds),
      formatBytes(recordBytes(record)),
    ]);
    if (rows.length > 0) line(formatTable([['made', 'key', 'node', 'took', 'size'], ...rows], [3, 4]));
    line(formatCount(records.length, 'record'));
    return 0;
  });
}

/** `vmfdag cache stat`: entries, bytes and stored seconds by stage. */
export function cacheStatistics(options: CacheOptions): Promise<number> {
  return withStore(options, (store) => {
    const stages = new Map<string, { records: number; bytes: number; seconds: number }>();
    for (const record of store.records()) {
      const stage = stages.get(record.stage) ?? { records: 0, bytes: 0, seconds: 0 };
      stage.records++;
      stage.bytes += recordBytes(record);
      stage.seconds += record.seconds;
      stages.set(record.stage, stage);
    }
    const totals = store.statistics();
    if (options.json) {
      printJson({ ...totals, stages: Object.fromEntries(stages) });
      return 0;
    }
    const rows = [...stages].map(([stage, { records, bytes, seconds }]) => [
      stage,
      String(records),
      formatBytes(bytes),
      formatSeconds(seconds),
    ]);
    line(formatTable([['stage', 'records', 'size', 'time stored'], ...rows], [1, 2, 3]));
    const { artefacts, records, runs, databaseBytes } = totals;
    line(
      `${formatCount(artefacts, 'artefact')}, ${formatCount(records, 'record')}, ${formatCount(runs, 'run')}, ${formatBytes(databaseBytes)} on disk`,
    );
    return 0;
  });
}

/** `vmfdag cache show NODE`: the record of a node as pipeline.yaml and the code stand now. */
export function cacheShow(pattern: string, options: CacheOptions): Promise<number> {
  return withNodes(pattern, options, (states, store) => {
    const records = states.map((state) => store.record(currentState(state).subject.key));
    printJson(records.length === 1 ? records[0] : records);
    return 0;
  });
}

/** `vmfdag cache get NODE.OUTPUT [FILE]`: writes an artefact to a file. */
export function cacheGet(source: string, file: string | undefined, options: CacheOptions): Promise<number> {
  const dot = source.lastIndexOf('.');
  if (dot <= 0) {
    throw new Failure('usage', {
      fact: `"${source}" names no output`,
      fix: 'write NODE.OUTPUT, for example cache get train/fnn/1/3.weights',
    });
  }
  const output = source.slice(dot + 1);
  return withNodes(source.slice(0, dot), options, (states, store) => {
    const written = states.map((state) => {
      const { node, outputs } = currentState(state);
      const digest = outputs[outputPosition(node, output)] as ArtefactDigest;
      const path = states.length === 1 && file !== undefined ? file : join(file ?? '.', defaultName(node, output));
      const bytes = store.artefact(digest);
      writeArtefact(path, bytes);
      return { node: node.id, output, path, bytes: bytes.length, digest };
    });
    if (options.json) printJson(written);
    else for (const { path, bytes, digest } of written) line(`${path}  ${formatBytes(bytes)}  ${shortDigest(digest)}`);
    return 0;
  });
}

async function withNodes<T>(
  pattern: string,
  options: CacheOptions,
  use: (states: readonly NodeState[], store: Store) => T,
): Promise<T> {
  const project = openProject(options);
  const store = openStore(project.cacheDirectory);
  try {
    const request = await prepareRequest(project, store, [pattern]);
    const wanted = new Set(request.plan.targets.flatMap(({ nodes }) => nodes));
    const states = survey(request, store).filter(({ node }) => wanted.has(node.index));
    return use(states, store);
  } finally {
    await store.close();
  }
}

function currentState(state: NodeState): Extract<NodeState, { state: 'current' }> {
  if (state.state === 'current') return state;
  throw new Failure('usage', {
    fact: `${state.node.id} is not up to date in the cache`,
    fix: `run "vmfdag run --target ${state.node.id}" first, or see "vmfdag explain ${state.node.id}"`,
  });
}

function outputPosition(node: PlanNode, output: string): number {
  const names = outputOrder(node.stage.outputs);
  const position = names.indexOf(output);
  if (position < 0) {
    throw new Failure('usage', { fact: `${node.id} has no output "${output}"`, fix: suggestName(output, names) });
  }
  return position;
}

function defaultName(node: PlanNode, output: string): string {
  const type = node.stage.outputs[output];
  return `${node.id.replaceAll('/', '-')}.${output}.${type ? ARTEFACT_EXTENSIONS[type] : 'bin'}`;
}

function recordBytes({ outputs }: NodeRecord): number {
  return Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
