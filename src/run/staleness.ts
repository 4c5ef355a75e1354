import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { ComputeIdentity } from '../contract/stage.ts';
import type { KeyInput } from '../keys/node-key.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { NodeRecord, RecordedInput, Store, Trace } from '../store/store.ts';
import { type Change, changes } from './changes.ts';

/** A node whose inputs are known: all that decides whether it has to run. */
export interface Subject {
  readonly node: PlanNode;
  readonly key: NodeKey;
  readonly code: CodeFingerprint;
  readonly compute: ComputeIdentity | undefined;
  readonly inputs: readonly KeyInput[];
  readonly forced: boolean;
}

/** Why a node runs. */
export type StaleReason =
  | { readonly rule: 'forced' }
  | { readonly rule: 'never run' }
  | { readonly rule: 'code'; readonly old: CodeFingerprint; readonly new: CodeFingerprint }
  | { readonly rule: 'params'; readonly changes: readonly Change[] }
  | { readonly rule: 'inputs'; readonly changes: readonly InputChange[] }
  | { readonly rule: 'compute'; readonly old: ComputeIdentity | null; readonly new: ComputeIdentity | null }
  | { readonly rule: 'outputs'; readonly changes: readonly Change[] }
  | { readonly rule: 'lost' };

export interface InputChange {
  readonly input: string;
  readonly old: readonly ArtefactDigest[];
  readonly new: readonly ArtefactDigest[];
}

export type Verdict =
  | { readonly status: 'current'; readonly trace: Trace }
  | { readonly status: 'stale'; readonly reason: StaleReason };

interface Evidence {
  readonly subject: Subject;
  readonly trace: Trace | undefined;
  /** The record of the last time this node was made, under whatever key. */
  earlier(): NodeRecord | undefined;
}

interface Rule {
  readonly name: string;
  readonly question: string;
  /** Returns a verdict where the rule decides, and nothing where the next rule has to. */
  decide(evidence: Evidence): Verdict | undefined;
}

const stale = (reason: StaleReason): Verdict => ({ status: 'stale', reason });

/**
 * In this order, the first rule that decides wins. The scheduler and `explain` both walk this list. Whether a node runs hangs on the first two
 * alone; the others name what is different from the last time.
 */
const RULES: readonly Rule[] = [
  {
    name: 'forced',
    question: 'was its stage named by --force?',
    decide: ({ subject }) => (subject.forced ? stale({ rule: 'forced' }) : undefined),
  },
  {
    name: 'recorded',
    question: 'is there a record under its key?',
    decide: ({ trace }) => (trace ? { status: 'current', trace } : undefined),
  },
  {
    name: 'never run',
    question: 'has it run before?',
    decide: (evidence) => (evidence.earlier() ? undefined : stale({ rule: 'never run' })),
  },
  {
    name: 'code',
    question: 'is the code that it reaches another?',
    decide: (evidence) => {
      const old = evidence.earlier()?.code;
      return old && old !== evidence.subject.code
        ? stale({ rule: 'code', old, new: evidence.subject.code })
        : undefined;
    },
  },
  {
    name: 'params',
    question: 'are its params others?',
    decide: (evidence) => {
      const found = changes(evidence.earlier()?.params ?? {}, evidence.subject.node.params);
      return found.length > 0 ? stale({ rule: 'params', changes: found }) : undefined;
    },
  },
  {
    name: 'inputs',
    question: 'have its inputs other bytes?',
    decide: (evidence) => {
      const found = inputChanges(evidence.earlier()?.inputs ?? {}, evidence.subject.inputs);
      return found.length > 0 ? stale({ rule: 'inputs', changes: found }) : undefined;
    },
  },
  {
    name: 'compute',
    question: 'does it compute with something else?',
    decide: (evidence) => {
      const [old, now] = [evidence.earlier()?.compute ?? null, evidence.subject.compute ?? null];
      return changes({ compute: { ...old } }, { compute: { ...now } }).length > 0
        ? stale({ rule: 'compute', old, new: now })
        : undefined;
    },
  },
  {
    name: 'outputs',
    question: 'are its outputs declared otherwise?',
    decide: (evidence) => {
      const found = changes(recordedTypes(evidence.earlier()), evidence.subject.node.stage.outputs);
      return found.length > 0 ? stale({ rule: 'outputs', changes: found }) : undefined;
    },
  },
  {
    name: 'lost',
    question: 'was its record removed from the cache, or written by another key schema?',
    decide: () => stale({ rule: 'lost' }),
  },
];

/** Decides whether a node has to run, and why. */
export function judge(subject: Subject, store: Store): Verdict {
  const evidence = new EvidenceInStore(subject, store);
  for (const { decide } of RULES) {
    const verdict = decide(evidence);
    if (verdict) return verdict;
  }
  throw new Error('the last rule always decides');
}

/** What is different from an earlier record of the node: the first difference in the order of the rules; `lost` where there is none. */
export function compare(subject: Subject, earlier: NodeRecord): StaleReason {
  const evidence: Evidence = { subject: { ...subject, forced: false }, trace: undefined, earlier: () => earlier };
  for (const { decide } of RULES) {
    const verdict = decide(evidence);
    if (verdict?.status === 'stale') return verdict.reason;
  }
  throw new Error('the last rule always decides');
}

/** One step of the walk down the rules: the last one has the verdict. */
export interface RuleStep {
  readonly name: string;
  readonly question: string;
  readonly verdict: Verdict | undefined;
}

/** The rules in order, up to the one that decides. */
export function walk(subject: Subject, store: Store): readonly RuleStep[] {
  const evidence = new EvidenceInStore(subject, store);
  const steps: RuleStep[] = [];
  for (const { name, question, decide } of RULES) {
    const verdict = decide(evidence);
    steps.push({ name, question, verdict });
    if (verdict) break;
  }
  return steps;
}

/** A class, since a closure for each of thousands of nodes is memory that an up-to-date run has to take and to clear. */
class EvidenceInStore implements Evidence {
  readonly subject: Subject;
  readonly trace: Trace | undefined;
  readonly #store: Store;
  #looked: { readonly record: NodeRecord | undefined } | undefined;

  constructor(subject: Subject, store: Store) {
    this.subject = subject;
    this.trace = store.trace(subject.key);
    this.#store = store;
  }

  earlier(): NodeRecord | undefined {
    // Read only for nodes that are stale: an up-to-date run looks at traces alone.
    this.#looked ??= { record: earlierRecord(this.subject, this.#store) };
    return this.#looked.record;
  }
}

function earlierRecord({ node }: Subject, store: Store): NodeRecord | undefined {
  const key = store.lastKey(node.id);
  return key && store.record(key);
}

function recordedTypes(record: NodeRecord | undefined): JsonObject {
  return Object.fromEntries(Object.entries(record?.outputs ?? {}).map(([name, { type }]) => [name, type]));
}

function inputChanges(
  old: Readonly<Record<string, RecordedInput>>,
  current: readonly KeyInput[],
): readonly InputChange[] {
  const before = new Map(Object.entries(old).map(([name, input]) => [name, recordedDigests(input)]));
  const now = new Map(current.map((input) => [input.name, keyDigests(input)]));
  const names = [...new Set([...before.keys(), ...now.keys()])];
  return names.flatMap((input) => {
    const [was, is] = [before.get(input) ?? [], now.get(input) ?? []];
    const same = was.length === is.length && was.every((digest, index) => digest === is[index]);
    return same ? [] : [{ input, old: was, new: is }];
  });
}

function recordedDigests(input: RecordedInput): readonly ArtefactDigest[] {
  return input.kind === 'one' ? [input.digest] : input.items.map(({ digest }) => digest);
}

function keyDigests(input: KeyInput): readonly ArtefactDigest[] {
  return input.kind === 'one' ? [input.digest] : input.items.map(({ digest }) => digest);
}
