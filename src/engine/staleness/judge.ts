import type { NodeKey } from '../base/digest.ts';
import { shortDigest } from '../base/digest.ts';
import type { SoftwareChange } from '../keys/software/software-changes.ts';
import { isSource } from '../plan/is-source.ts';
import type { PlanNode } from '../plan/plan.ts';
import { recordedId } from '../plan/recorded-id.ts';
import { contentOfFingerprint } from '../sources/source-fingerprint.ts';
import type { LastFailure } from '../store/failed-attempt.ts';
import type { NodeRecord, Store, Trace } from '../store/store.ts';
import { COMPARISONS, type Comparison, namingFiles } from './comparisons.ts';
import { isMadeElsewhere } from './made-elsewhere.ts';
import { missingMetrics } from './missing-metrics.ts';
import type { StaleReason } from './stale-reason.ts';
import type { Subject } from './subjects.ts';

export type Verdict =
  | { readonly status: 'current'; readonly trace: Trace }
  | { readonly status: 'stale'; readonly reason: StaleReason };

/** What the cache knows of the last time that a node finished, under whatever key. Failures count only where it never did. */
type Earlier =
  | { readonly kind: 'recorded'; readonly record: NodeRecord }
  | { readonly kind: 'removed'; readonly key: NodeKey }
  | { readonly kind: 'failed'; readonly failure: LastFailure }
  | { readonly kind: 'none' };

interface Evidence {
  readonly subject: Subject;
  readonly trace: Trace | undefined;
  /** Whether the node's record is under its key although its trace is not. */
  isQuarantined(): boolean;
  /** What differs of the software that made the result under its key; null where that is not kept, undefined where none was seen. */
  changedSoftware(): readonly SoftwareChange[] | null | undefined;
  missingMetrics(): readonly string[];
  earlier(): Earlier;
}

interface Rule {
  readonly name: string;
  /** A question that `found` answers where the rule does not decide. */
  readonly question: string;
  /** Whether there is anything to ask; without it, always. */
  applies?(subject: Subject): boolean;
  /** Returns a verdict where the rule decides; undefined where the next rule has to. */
  decide(evidence: Evidence): Verdict | undefined;
  /** What it found where it does not decide. */
  found(evidence: Evidence): string;
}

const stale = (reason: StaleReason): Verdict => ({ status: 'stale', reason });

/**
 * In this order, the first rule that decides wins. A run and `explain` both use this list. Whether a node runs depends on the first four
 * alone; the others say what differs from the last time.
 */
const RULES: readonly Rule[] = [
  {
    name: 'forced',
    question: 'was its stage named by --force?',
    decide: ({ subject }) => (subject.forced ? stale({ rule: 'forced' }) : undefined),
    found: () => 'no',
  },
  {
    name: 'software',
    question: 'is the software that made its result unchanged?',
    applies: ({ node, software }) => software !== undefined && node.stage.program.kind === 'command',
    decide: (evidence) => {
      const changes = evidence.trace && evidence.changedSoftware();
      return changes === undefined || changes?.length === 0 ? undefined : stale({ rule: 'software', changes });
    },
    found: ({ trace }) => (trace ? 'yes, as far as it is known' : 'there is no result'),
  },
  {
    name: 'metrics',
    question: 'has it reported the metrics that decide whether its chain goes on?',
    applies: ({ node }) => node.reports !== undefined,
    decide: (evidence) => {
      const missing = evidence.trace ? evidence.missingMetrics() : [];
      return missing.length > 0 ? stale({ rule: 'metrics', missing }) : undefined;
    },
    found: ({ trace, subject }) => (trace ? `yes, ${subject.node.reports?.join(', ')}` : 'there is no result'),
  },
  {
    name: 'recorded',
    question: 'is there a result under its key?',
    decide: ({ trace }) => (trace ? { status: 'current', trace } : undefined),
    found: () => 'no',
  },
  {
    name: 'quarantined',
    question: 'was there a result with damaged bytes?',
    decide: (evidence) => (evidence.isQuarantined() ? stale({ rule: 'quarantined' }) : undefined),
    found: () => 'no',
  },
  {
    name: 'never run',
    question: 'has it run before?',
    decide: (evidence) => (evidence.earlier().kind === 'none' ? stale({ rule: 'never run' }) : undefined),
    found: (evidence) => {
      const earlier = evidence.earlier();
      if (earlier.kind === 'recorded') return `yes, at ${earlier.record.startedAt} in run ${earlier.record.run}`;
      return earlier.kind === 'failed' ? `yes, at ${earlier.failure.startedAt} in run ${earlier.failure.run}` : 'yes';
    },
  },
  {
    name: 'failed',
    question: 'has it ever finished?',
    decide: (evidence) => {
      const earlier = evidence.earlier();
      return earlier.kind === 'failed' ? stale({ rule: 'failed', run: earlier.failure.run }) : undefined;
    },
    found: () => 'yes',
  },
  {
    name: 'lost',
    question: 'is that record still in the cache?',
    decide: (evidence) => (evidence.earlier().kind === 'removed' ? stale({ rule: 'lost' }) : undefined),
    found: (evidence) => {
      const earlier = evidence.earlier();
      return earlier.kind === 'recorded' ? `yes, under the key ${shortDigest(earlier.record.key)}` : 'yes';
    },
  },
  ...COMPARISONS.map(asRule),
  {
    name: 'schema',
    question: 'is anything else in the key?',
    decide: () => stale({ rule: 'schema' }),
    found: () => 'no',
  },
];

function asRule({ name, question, difference, found }: Comparison): Rule {
  const recordOf = (evidence: Evidence) => {
    const earlier = evidence.earlier();
    return earlier.kind === 'recorded' ? earlier.record : undefined;
  };
  return {
    name,
    question,
    decide: (evidence) => {
      const record = recordOf(evidence);
      const reason = record && difference(evidence.subject, record);
      return reason && stale(reason);
    },
    found: (evidence) => {
      const record = recordOf(evidence);
      return record ? found(record) : 'not known';
    },
  };
}

/** Decides whether a node has to run, and why. */
export function judge(subject: Subject, store: Store): Verdict {
  const evidence = new EvidenceInStore(subject, store);
  for (const rule of RULES) {
    const verdict = rule.applies?.(subject) === false ? undefined : rule.decide(evidence);
    if (verdict) return withNames(verdict, subject, store);
  }
  throw new Error('the last rule always decides');
}

/** Manifests are read for a verdict only, not for each rule. */
function withNames(verdict: Verdict, { directories }: Pick<Subject, 'directories'>, store: Store): Verdict {
  return verdict.status === 'current' ? verdict : stale(namingFiles(verdict.reason, directories, store));
}

/** One step through the rules: the last one has the verdict, and those before it what they found. */
export type RuleStep = { readonly name: string; readonly question: string } & (
  | { readonly found: string; readonly verdict?: undefined }
  | { readonly verdict: Verdict }
);

/** The rules in order, up to the one that decides. */
export function walk(subject: Subject, store: Store): readonly RuleStep[] {
  const evidence = new EvidenceInStore(subject, store);
  const steps: RuleStep[] = [];
  for (const { name, question, applies, decide, found } of RULES) {
    if (applies?.(subject) === false) continue;
    const decided = decide(evidence);
    const verdict = decided && withNames(decided, subject, store);
    steps.push({ name, question, ...(verdict ? { verdict } : { found: found(evidence) }) });
    if (verdict) break;
  }
  return steps;
}

/** A class, since a closure for each of thousands of nodes is memory that an up-to-date run has to take and to clear. */
class EvidenceInStore implements Evidence {
  readonly subject: Subject;
  readonly trace: Trace | undefined;
  readonly #store: Store;
  #earlier: Earlier | undefined;

  constructor(subject: Subject, store: Store) {
    this.subject = subject;
    this.trace = traceOf(subject, store);
    this.#store = store;
  }

  isQuarantined(): boolean {
    return this.trace === undefined && this.#store.record(this.subject.key) !== undefined;
  }

  changedSoftware(): readonly SoftwareChange[] | null | undefined {
    const { key, software } = this.subject;
    const record = this.#store.record(key);
    const digest = record?.software;
    return record === undefined || digest === undefined || isMadeElsewhere(record)
      ? undefined
      : (software?.changes(digest, this.#store) ?? null);
  }

  missingMetrics(): readonly string[] {
    return missingMetrics(this.subject.node, this.subject.key, this.#store);
  }

  earlier(): Earlier {
    // Read only for stale nodes: an up-to-date run reads traces alone.
    this.#earlier ??= earlierOf(this.subject.node, this.#store);
    return this.#earlier;
  }
}

/** A source is always up to date: its digest is known before its bytes are taken into the cache, which they are when a node needs them. */
function traceOf({ node, key, code }: Subject, store: Store): Trace | undefined {
  return store.trace(key) ?? (isSource(node) ? { outputs: [contentOfFingerprint(code)], seconds: 0 } : undefined);
}

/** What the cache knows of the last time. */
export function earlierOf(node: PlanNode, store: Store): Earlier {
  const id = recordedId(node);
  const key = store.lastKey(id);
  if (!key) {
    const failure = store.lastFailure(id);
    return failure ? { kind: 'failed', failure } : { kind: 'none' };
  }
  const record = store.record(key);
  return record ? { kind: 'recorded', record } : { kind: 'removed', key };
}
