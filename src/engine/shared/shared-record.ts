import { isJsonObject } from '../base/json.ts';
import { softwareDigest, type UsedSoftware } from '../keys/software/used-software.ts';
import type { MetricSeries } from '../store/metric-series.ts';
import type { NodeRecord } from '../store/store.ts';
import type { Signature, Signatures } from './signatures.ts';

/** What is shared of a node besides its artefacts. */
export interface SharedRecord {
  readonly record: NodeRecord;
  readonly metrics: readonly MetricSeries[];
  /** Of a command: what the record names by its digest. */
  readonly software?: UsedSoftware;
}

/** Raise it when an earlier version could misread a record. */
const FORMAT = 1;

/** A line of JSON with the signature of what follows, and the record as JSON. */
export function encodeSharedRecord(shared: SharedRecord, signatures: Signatures): Uint8Array {
  const body = Buffer.from(JSON.stringify(withoutStamps(shared)));
  const signature = signatures.sign(body);
  const head = Buffer.from(`${JSON.stringify({ vmfdag: FORMAT, ...(signature ? { signature } : {}) })}\n`);
  return Buffer.concat([head, body]);
}

/** Undefined for bytes that are no record of this format, or are not signed by a trusted key. */
export function decodeSharedRecord(bytes: Uint8Array, signatures: Signatures): SharedRecord | undefined {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = buffer.indexOf('\n');
    const head: unknown = JSON.parse(buffer.toString('utf8', 0, end));
    if (!isJsonObject(head) || head.vmfdag !== FORMAT) return undefined;
    const body = buffer.subarray(end + 1);
    if (!signatures.isTrusted(body, head.signature as unknown as Signature | undefined)) return undefined;
    const shared: unknown = JSON.parse(body.toString('utf8'));
    return isSharedRecord(shared) ? shared : undefined;
  } catch {
    return undefined;
  }
}

function isSharedRecord(value: unknown): value is SharedRecord {
  if (!isJsonObject(value) || !isJsonObject(value.record) || !Array.isArray(value.metrics)) return false;
  const { key, node, stage, outputs, seconds, software } = value.record;
  if (typeof key !== 'string' || typeof node !== 'string' || typeof stage !== 'string') return false;
  if (typeof seconds !== 'number' || !isJsonObject(outputs)) return false;
  if (!Object.values(outputs).every(isOutput)) return false;
  return software === undefined || (isJsonObject(value.software) && software === digestOf(value.software));
}

function digestOf(software: unknown): string {
  return softwareDigest(software as UsedSoftware);
}

function isOutput(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { type, digest, bytes } = value;
  return typeof type === 'string' && /^[0-9a-f]{64}$/.test(String(digest)) && Number.isSafeInteger(bytes);
}

/** Stamps of files say something on the machine alone where they were taken. */
function withoutStamps({ record, metrics, software }: SharedRecord): SharedRecord {
  if (!software) return { record: withoutSoftware(record), metrics };
  const bare = JSON.parse(JSON.stringify(software), (name, value) => (name === 'stamp' ? null : value)) as UsedSoftware;
  return { record: { ...record, software: softwareDigest(bare) }, metrics, software: bare };
}

function withoutSoftware({ software: _, ...record }: NodeRecord): NodeRecord {
  return record;
}
