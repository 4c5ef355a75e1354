import { describeSame } from '../base/describe-value.ts';
import { shortDigest } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import { shortIdentity } from '../environments/environments.ts';
import type { NodeRecord, Store } from '../store/store.ts';
import { type Change, changes, orderChanges } from './changes.ts';
import { describeCompute } from './describe-compute.ts';
import type { DirectoryChanges } from './directory-changes.ts';
import { inputChanges, type PresentInput, withFiles } from './input-changes.ts';
import type { StaleReason } from './stale-reason.ts';
import type { Subject } from './subjects.ts';

/** One thing in which a node may differ from its last record. */
export interface Comparison {
  readonly name: string;
  readonly question: string;
  difference(subject: ComparedNode, record: NodeRecord): StaleReason | undefined;
  /** What is the same. */
  found(record: NodeRecord): string;
}

/** A node that can be compared with a record before all of its inputs are known. */
export interface ComparedNode extends Pick<Subject, 'node' | 'code' | 'compute' | 'surroundings'> {
  readonly inputs: readonly PresentInput[];
}

/** In the order in which they count: the first one that differs is the reason. */
export const COMPARISONS: readonly Comparison[] = [
  {
    name: 'code',
    question: 'is its code the same?',
    difference: ({ code }, { code: old }) => (old === code ? undefined : { rule: 'code', old, new: code }),
    found: ({ code }) => `yes, ${shortDigest(code)}`,
  },
  {
    name: 'params',
    question: 'are its params the same?',
    // Their order counts, since a stage sees it.
    difference: ({ node }, { params }) =>
      changed('params', changes(params, node.params)) ?? changed('params', orderChanges(params, node.params)),
    found: ({ params }) => describeSame(params),
  },
  {
    name: 'coordinates',
    question: 'are its coordinates the same?',
    difference: ({ node }, { coordinates }) => changed('coordinates', changes(coordinates, node.coordinates)),
    found: ({ coordinates }) => describeSame(coordinates),
  },
  {
    name: 'inputs',
    question: 'do its inputs have the same bytes?',
    difference: ({ inputs }, record) => {
      const found = inputChanges(record.inputs, inputs);
      return found.length > 0 ? { rule: 'inputs', changes: found } : undefined;
    },
    found: ({ inputs }) => {
      const names = Object.keys(inputs);
      return names.length > 0 ? `yes, ${names.join(', ')}` : 'it has none';
    },
  },
  {
    name: 'variables',
    question: 'do its environment variables have the same values?',
    difference: ({ surroundings }, { variables }) => changed('variables', changes(variables, surroundings.variables)),
    found: ({ variables }) => describeSame(variables),
  },
  {
    name: 'engine',
    question: 'does it run in the same JavaScript engine?',
    difference: ({ surroundings: { engine: now } }, { engine: old }) =>
      old === now ? undefined : { rule: 'engine', old, new: now },
    found: ({ engine }) => `yes, ${engine}`,
  },
  {
    name: 'compute',
    question: 'does it compute with the same backend?',
    difference: ({ compute: now = null }, { compute: old }) =>
      changes({ compute: { ...old } }, { compute: { ...now } }).length > 0
        ? { rule: 'compute', old, new: now }
        : undefined,
    found: ({ compute }) => (compute ? `yes, ${describeCompute(compute)}` : 'it asks for no backend'),
  },
  {
    name: 'environment',
    question: 'does its program come from the same environment?',
    difference: ({ surroundings: { environment: now = null } }, { environment: old = null }) =>
      old === now ? undefined : { rule: 'environment', old, new: now },
    found: ({ environment }) => (environment === undefined ? 'it names none' : `yes, ${shortIdentity(environment)}`),
  },
  {
    name: 'gpus',
    question: 'does it run on the same GPUs?',
    difference: ({ surroundings: { gpus: now = null } }, { gpus: old = null }) =>
      old === now ? undefined : { rule: 'gpus', old, new: now },
    found: ({ gpus }) => (gpus === undefined ? 'it asks for none' : `yes, ${gpus}`),
  },
  {
    name: 'outputs',
    question: 'are its declared outputs the same?',
    difference: ({ node }, record) => changed('outputs', changes(recordedTypes(record), node.stage.outputs)),
    found: (record) => describeSame(recordedTypes(record)),
  },
];

/** How a node differs from an earlier record: the first difference in the order of the rules, if there is one. */
export function compare(node: ComparedNode, earlier: NodeRecord): StaleReason | undefined {
  for (const { difference } of COMPARISONS) {
    const reason = difference(node, earlier);
    if (reason) return reason;
  }
  return undefined;
}

/** The same reason, with the files that differ in directories. */
export function namingFiles(reason: StaleReason, directories: DirectoryChanges | undefined, store: Store): StaleReason {
  if (reason.rule !== 'inputs' || !directories) return reason;
  return { rule: 'inputs', changes: withFiles(reason.changes, directories, store) };
}

function changed(
  rule: 'params' | 'coordinates' | 'variables' | 'outputs',
  found: readonly Change[],
): StaleReason | undefined {
  return found.length > 0 ? { rule, changes: found } : undefined;
}

function recordedTypes(record: NodeRecord): JsonObject {
  return Object.fromEntries(Object.entries(record.outputs).map(([name, { type }]) => [name, type]));
}
