import { digestFromBytes, digestToBytes, type NodeKey } from '../../base/digest.ts';
import type { UsedSoftware } from '../../keys/software/used-software.ts';
import type { MetricSeries } from '../metric-series.ts';
import { outputDigests } from '../output-order.ts';
import type { EarlierResult, NodeRecord, Trace } from '../store.ts';
import type { Confirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace, encodeJson, encodeTrace, nameKey } from './encoding.ts';
import { decodeMetrics } from './metrics.ts';
import type { Tables } from './tables.ts';

type RecordTables = Pick<Tables, 'traces' | 'records' | 'lastKeys' | 'stamps' | 'metrics'>;

/** Reused for each look-up of a trace, of which an up-to-date run makes one for each node. LMDB no longer uses it when the call returns. */
const traceKey = Buffer.allocUnsafe(32);

/** No bundle can have this name. */
const softwareKey = (digest: string) => nameKey(`software\0${digest}`);

const earlierKey = (key: NodeKey) => nameKey(`earlier\0${key}`);

/** Of each node. */
const MOST_EARLIER = 32;

/** How nodes were made, by key: traces, records, metrics and used software. What cannot be read counts as missing; `cache verify` reports it. */
export class NodeRecords {
  private readonly tables: RecordTables;
  private readonly confirmations: Pick<Confirmations, 'invalidate'>;

  constructor(tables: RecordTables, confirmations: Pick<Confirmations, 'invalidate'>) {
    this.tables = tables;
    this.confirmations = confirmations;
  }

  trace(key: NodeKey): Trace | undefined {
    traceKey.write(key, 'hex');
    const found = this.tables.traces.getBinaryFast(traceKey);
    return found && decodeTrace(traceKey, found);
  }

  record(key: NodeKey): NodeRecord | undefined {
    const found = this.tables.records.get(digestToBytes(key));
    return found && decodedOr(() => decodeJson<NodeRecord>(found));
  }

  *all(): Iterable<NodeRecord> {
    for (const { value } of this.tables.records.entries()) {
      const record = decodedOr(() => decodeJson<NodeRecord>(value));
      if (record) yield record;
    }
  }

  software(digest: string): UsedSoftware | undefined {
    const found = this.tables.stamps.get(softwareKey(digest));
    return found && decodedOr(() => decodeJson<UsedSoftware>(found));
  }

  earlierResults(key: NodeKey): readonly EarlierResult[] {
    const found = this.tables.stamps.get(earlierKey(key));
    return (found && decodedOr(() => decodeJson<EarlierResult[]>(found))) ?? [];
  }

  metrics(key: NodeKey): readonly MetricSeries[] {
    const found = this.encodedMetrics(key);
    return (found && decodedOr(() => decodeMetrics(found))) ?? [];
  }

  encodedMetrics(key: NodeKey): Buffer | undefined {
    return this.tables.metrics.get(digestToBytes(key));
  }

  lastKey(node: string): NodeKey | undefined {
    const found = this.tables.lastKeys.get(nameKey(node));
    return found && digestFromBytes<NodeKey>(found);
  }

  /** Call this and what follows only inside a transaction. */
  putLastKey(node: string, key: NodeKey): void {
    this.tables.lastKeys.put(nameKey(node), digestToBytes(key));
  }

  put(record: NodeRecord, metrics: Buffer | undefined, software?: UsedSoftware): void {
    const { tables } = this;
    if (record.software !== undefined && software)
      tables.stamps.put(softwareKey(record.software), encodeJson(software));
    const key = digestToBytes(record.key);
    const outputs = outputDigests(record);
    this.keepEarlier(record);
    const earlier = tables.traces.get(key);
    if (earlier && String(decodeTrace(key, earlier)?.outputs) !== String(outputs)) this.confirmations.invalidate();
    tables.records.put(key, encodeJson(record));
    if (metrics) tables.metrics.put(key, metrics);
    else if (tables.metrics.has(key)) tables.metrics.remove(key);
    tables.traces.put(key, encodeTrace(key, { outputs, seconds: record.seconds }));
    this.putLastKey(record.node, record.key);
  }

  /** The records stay. */
  removeTraces(records: readonly NodeRecord[]): void {
    for (const { key } of records) this.tables.traces.remove(digestToBytes(key));
    this.confirmations.invalidate();
  }

  /** Keys say nothing of used software: another version of it replaces the record. */
  private keepEarlier({ key, software, run }: NodeRecord): void {
    const record = this.record(key);
    if (record?.software === undefined || record.software === software || record.run === run) return;
    const earlier = { run: record.run, software: record.software, outputs: outputDigests(record) };
    this.tables.stamps.put(earlierKey(key), encodeJson([...this.earlierResults(key), earlier].slice(-MOST_EARLIER)));
  }
}
