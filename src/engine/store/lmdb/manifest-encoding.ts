import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type CodeFingerprint, digestFromBytes, type NodeKey } from '../../base/digest.ts';
import type { JsonObject } from '../../base/json.ts';
import type { NodeId, PlanTarget } from '../../plan/plan.ts';
import type { Attempt, NodeOutcome, RunManifest, RunProgress } from '../run-manifest.ts';

/** All of a manifest except for the outcomes. Runs that resolve to the same keys share it. */
export interface Resolution {
  /** The digest of the content: its name. */
  readonly digest: Buffer;
  /** The stored content under that name. Compressed on demand, which a run that executes nothing never needs. */
  encode(): Buffer;
}

const KEY_BYTES = 32;
const NO_KEY = '0'.repeat(2 * KEY_BYTES);

/** One letter for each outcome. Ten thousand equal letters in a row compress to almost nothing. */
const OUTCOMES: Readonly<Record<NodeOutcome, string>> = {
  executed: 'x',
  fetched: 'h',
  'up to date': 'u',
  'cut off': 'c',
  'cut short': 'e',
  failed: 'f',
  skipped: 's',
};
const OUTCOME_OF = new Map(Object.entries(OUTCOMES).map(([outcome, letter]) => [letter, outcome as NodeOutcome]));

interface ResolutionText {
  readonly params: JsonObject;
  readonly code: Readonly<Record<string, CodeFingerprint>>;
  readonly targets: readonly PlanTarget[];
  /** Node ids, one a line. */
  readonly nodes: string;
}

export function resolutionOf({ params, code, targets, nodes }: RunManifest): Resolution {
  const text: ResolutionText = { params, code, targets, nodes: nodes.map(({ node }) => node).join('\n') };
  const json = JSON.stringify(text);
  const keys = keyBytes(nodes);
  return {
    digest: createHash('sha256').update(keys).update(json).digest(),
    encode() {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(nodes.length);
      // Keys are digests, which do not compress.
      return Buffer.concat([length, keys, deflateRawSync(json, { level: 1 })]);
    },
  };
}

/** All keys in a row, zeros for unknown ones. */
function keyBytes(nodes: RunManifest['nodes']): Buffer {
  return Buffer.from(nodes.map(({ key }) => key ?? NO_KEY).join(''), 'hex');
}

export function encodeOutcomes({ nodes }: RunManifest): Buffer {
  return deflateRawSync(nodes.map(({ outcome }) => OUTCOMES[outcome]).join(''), { level: 1 });
}

/** The outcomes of as many nodes, all of them up to date. */
export function allUpToDate(outcomes: Buffer): Buffer {
  return deflateRawSync(OUTCOMES['up to date'].repeat(inflateRawSync(outcomes).length), { level: 1 });
}

export function decodeManifest(resolution: Buffer, outcomes: Buffer): RunManifest {
  const count = resolution.readUInt32LE(0);
  const end = 4 + count * KEY_BYTES;
  const { nodes, ...rest } = JSON.parse(inflateRawSync(resolution.subarray(end)).toString()) as ResolutionText;
  const letters = inflateRawSync(outcomes).toString();
  const ids = count === 0 ? [] : nodes.split('\n');
  return {
    ...rest,
    nodes: ids.map((node, index) => {
      const key = digestFromBytes<NodeKey>(resolution.subarray(4 + index * KEY_BYTES, 4 + (index + 1) * KEY_BYTES));
      return { node: node as NodeId, key: key === NO_KEY ? null : key, outcome: outcomeOf(letters[index]) };
    }),
  };
}

function outcomeOf(letter: string | undefined): NodeOutcome {
  return OUTCOME_OF.get(letter ?? '') ?? 'skipped';
}

/** Attempts as columns of whole numbers, which compress far better than objects. Times are in units of 0.1 ms. */
interface ProgressText {
  readonly decided: readonly (readonly [index: number, key: NodeKey, outcome: string])[];
  readonly node: readonly number[];
  readonly attempt: readonly number[];
  readonly worker: readonly number[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly seconds: readonly number[];
  readonly outcome: readonly Attempt['outcome'][];
  readonly reason?: readonly (string | null)[];
  readonly queued?: readonly (number | null)[];
  /** Only where an attempt was sent to an executor. */
  readonly executor?: readonly (string | null)[];
  readonly host?: readonly (string | null)[];
}

const UNITS_PER_SECOND = 10_000;

export function encodeProgress({ decided, attempts }: RunProgress): Buffer {
  const units = (seconds: number) => Math.round(seconds * UNITS_PER_SECOND);
  const text: ProgressText = {
    decided: decided.map(({ index, key, outcome }) => [index, key, OUTCOMES[outcome]]),
    node: attempts.map(({ node }) => node),
    attempt: attempts.map(({ attempt }) => attempt),
    worker: attempts.map(({ worker }) => worker),
    start: attempts.map(({ start }) => units(start)),
    end: attempts.map(({ end }) => units(end)),
    seconds: attempts.map(({ seconds }) => units(seconds)),
    outcome: attempts.map(({ outcome }) => outcome),
    reason: attempts.map(({ reason = null }) => reason),
    queued: attempts.map(({ queued }) => (queued === undefined ? null : units(queued))),
    ...(attempts.some(({ executor }) => executor !== undefined)
      ? {
          executor: attempts.map(({ executor = null }) => executor),
          host: attempts.map(({ host = null }) => host),
        }
      : {}),
  };
  return deflateRawSync(JSON.stringify(text), { level: 1 });
}

export function decodeProgress(encoded: Buffer): RunProgress {
  const text = JSON.parse(inflateRawSync(encoded).toString()) as ProgressText;
  const seconds = (units: number | undefined) => (units ?? 0) / UNITS_PER_SECOND;
  return {
    decided: text.decided.map(([index, key, letter]) => ({ index, key, outcome: outcomeOf(letter) })),
    attempts: text.node.map((node, index) => ({
      node,
      attempt: text.attempt[index] ?? 1,
      worker: text.worker[index] ?? 0,
      start: seconds(text.start[index]),
      end: seconds(text.end[index]),
      seconds: seconds(text.seconds[index]),
      outcome: text.outcome[index] ?? 'executed',
      ...(typeof text.queued?.[index] === 'number' ? { queued: seconds(text.queued[index]) } : {}),
      ...named('reason', text.reason?.[index]),
      ...named('executor', text.executor?.[index]),
      ...named('host', text.host?.[index]),
    })),
  };
}

function named(name: 'reason' | 'executor' | 'host', value: string | null | undefined): Partial<Attempt> {
  return typeof value === 'string' ? { [name]: value } : {};
}
