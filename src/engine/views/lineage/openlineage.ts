import { hash } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { inputDigests } from '../../keys/input-digests.ts';
import type { Attempt, RunManifest } from '../../store/run-manifest.ts';
import type { NodeRecord, RunRecord } from '../../store/store.ts';

// Run events of OpenLineage 2-0-2. A node is a job, an attempt to execute it is a run of this job, an output is a data set.

const SPEC = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const FACETS = 'https://openlineage.io/spec/facets';

/** What is told of a run. */
export interface LineageSource {
  readonly run: RunRecord;
  readonly manifest: RunManifest;
  readonly journal: readonly Attempt[];
  /** The record of the node at a position of the manifest. */
  recordOf(node: number): NodeRecord | undefined;
  /** The names of jobs and data sets are unique in it: the name of the pipeline. */
  readonly namespace: string;
  /** Of the engine. */
  readonly version: string;
}

/** The events of a run: its start, a start and an end for each attempt, and its end. The same run gives the same events. */
export function lineageEvents(source: LineageSource): readonly JsonObject[] {
  const { run, journal, manifest, namespace } = source;
  const whole = { namespace, name: `${namespace}.run` };
  const runId = uuidOf(run.id);
  const makers = makersOf(source);
  const parent = {
    parent: facet(source, '1-2-0/ParentRunFacet', { run: { runId }, job: whole }),
  };
  const event = (type: string, time: number, id: string, name: string, rest: JsonObject): JsonObject => ({
    eventType: type,
    eventTime: new Date(time).toISOString(),
    producer: producerOf(source),
    schemaURL: SPEC,
    run: { runId: id, ...(id === runId ? {} : { facets: parent }) },
    job: { namespace, name },
    ...rest,
  });
  const start = Date.parse(run.startedAt);
  const ended = start + Math.round(run.seconds * 1000);
  const attempts = journal.flatMap((attempt) => {
    const node = manifest.nodes[attempt.node]?.node;
    if (node === undefined) return [];
    const id = uuidOf(`${run.id} ${node} ${attempt.attempt} ${attempt.start}`);
    const record = attempt.outcome === 'executed' ? source.recordOf(attempt.node) : undefined;
    const read = record ? inputsOf(record, makers, source) : [];
    const made = record ? outputsOf(node, record, source) : [];
    const at = (seconds: number) => start + Math.round(seconds * 1000);
    return [
      event('START', at(attempt.start), id, node, { inputs: read, outputs: [] }),
      event(ENDS[attempt.outcome], at(attempt.end), id, node, { inputs: read, outputs: made }),
    ];
  });
  const end = RUN_ENDS[run.state];
  return [
    event('START', start, runId, whole.name, { inputs: [], outputs: [] }),
    ...attempts,
    ...(end === undefined ? [] : [event(end, ended, runId, whole.name, { inputs: [], outputs: [] })]),
  ];
}

const ENDS: Readonly<Record<Attempt['outcome'], string>> = { executed: 'COMPLETE', failed: 'FAIL', lost: 'ABORT' };

/** Undefined for a run that says that it is running: whether it was killed is not known. */
const RUN_ENDS: Readonly<Record<RunRecord['state'], string | undefined>> = {
  running: undefined,
  done: 'COMPLETE',
  failed: 'FAIL',
  interrupted: 'ABORT',
};

/** By digest, the output that has these bytes. */
function makersOf({ manifest, recordOf }: LineageSource): ReadonlyMap<string, string> {
  const makers = new Map<string, string>();
  manifest.nodes.forEach(({ node }, index) => {
    for (const [output, { digest }] of Object.entries(recordOf(index)?.outputs ?? {})) {
      if (!makers.has(digest)) makers.set(digest, `${node}.${output}`);
    }
  });
  return makers;
}

function inputsOf(
  record: NodeRecord,
  makers: ReadonlyMap<string, string>,
  source: LineageSource,
): readonly JsonObject[] {
  const digests = new Set(Object.values(record.inputs).flatMap(inputDigests));
  // What comes from outside of the pipeline is known by its bytes.
  return [...digests].map((digest) => dataSet(makers.get(digest) ?? `sha256:${digest}`, digest, source));
}

function outputsOf(node: string, record: NodeRecord, source: LineageSource): readonly JsonObject[] {
  return Object.entries(record.outputs).map(([output, { digest, bytes }]) => ({
    ...dataSet(`${node}.${output}`, digest, source),
    outputFacets: { outputStatistics: facet(source, '1-0-2/OutputStatisticsOutputDatasetFacet', { size: bytes }) },
  }));
}

function dataSet(name: string, digest: string, source: LineageSource): JsonObject {
  const version = facet(source, '1-0-1/DatasetVersionDatasetFacet', { datasetVersion: `sha256:${digest}` });
  return { namespace: source.namespace, name, facets: { version } };
}

function facet(source: LineageSource, path: string, content: JsonObject): JsonObject {
  const name = path.split('/').at(-1);
  return { _producer: producerOf(source), _schemaURL: `${FACETS}/${path}.json#/$defs/${name}`, ...content };
}

function producerOf({ version }: LineageSource): string {
  return `urn:vmfdag:${version}`;
}

/** A UUID of version 8: its bits are those of a digest. */
function uuidOf(text: string): string {
  const hex = hash('sha256', text);
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
