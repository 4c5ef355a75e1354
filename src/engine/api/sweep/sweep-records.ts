import { join } from 'node:path';
import type { OutputReference } from '../../plan/plan.ts';
import type { RunEvent, RunListener, RunSummary } from '../../run/events.ts';
import type { RunLedger } from '../../run/ledger.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';
import type { Attempt, NodeOutcome, RunManifest } from '../../store/run-manifest.ts';
import type { CodeRevision, RunRecord, Store } from '../../store/store.ts';
import { type MadeArtefact, publishedFiles } from '../../views/results/publish-files.ts';
import type { Project } from '../project/project.ts';
import { askedPaths, type PublishedResults, publishResults } from '../run/publish-results.ts';
import { type AskedFor, askedDigest, runRecord } from '../run/run-record.ts';
import type { SettingRequest } from './prepare-sweep.ts';

const INTERVAL_MS = 1000;

/** One setting as the history has it: a run of its own. */
interface SettingRun {
  readonly of: SettingRequest;
  record: RunRecord;
  /** What is written of its nodes, by their indices. */
  readonly written: (NodeOutcome | undefined)[];
  hasManifest: boolean;
}

/**
 * Records each setting of a sweep as a run of its own, with the ids that its nodes have without the sweep, and publishes its results. So every command that
 * takes a run takes a setting. What several settings have in common counts as executed for the first of them.
 */
export class SweepRecords {
  readonly #store: Store;
  readonly #runs: readonly SettingRun[];
  /** For each node of the sweep, the first setting that has it. */
  readonly #owner = new Map<number, SettingRun>();
  readonly #failures = new Set<Promise<void>>();
  readonly #labelled = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param sweep the id of the run that executes all of them */
  constructor(settings: readonly SettingRequest[], sweep: string, store: Store, asked: AskedFor) {
    this.#store = store;
    this.#runs = settings.map((of, index) => {
      const id = `${sweep}.${String(index + 1).padStart(String(settings.length).length, '0')}`;
      const digest = askedDigest(of.project, of.request, asked.targets);
      const part = { kind: 'setting', of: sweep, name: of.name } as const;
      const record = { ...runRecord(id, of.project, asked, digest), sweep: part };
      return { of, record, written: [], hasManifest: false };
    });
    for (const run of this.#runs.toReversed()) for (const node of run.of.members) this.#owner.set(node, run);
  }

  /** What the record of the run that executes all of them says. */
  get part(): RunRecord['sweep'] {
    return { kind: 'whole', settings: this.#runs.length };
  }

  /** Passes events on, and begins to write with the first executed node. */
  listen(ledger: () => RunLedger, nodes: readonly { readonly id: string }[], listener: RunListener): RunListener {
    const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
    return (event) => {
      if (event.type === 'started' && !this.#timer) this.#begin(ledger());
      if (event.type === 'failed') this.#failed(event, indexOf.get(event.node) as number, ledger());
      listener(event);
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Records how each setting ended, and publishes its results. */
  async finish(
    ledger: RunLedger,
    { outcome, seconds: all }: RunSummary,
    revision: CodeRevision | undefined,
    artefactOf: (source: OutputReference) => MadeArtefact | undefined,
  ): Promise<PublishedResults> {
    this.stop();
    await Promise.all(this.#failures);
    const published: PublishedResults[] = [];
    const attemptsOf = this.#attemptsByOwner(ledger);
    for (const run of this.#runs) {
      const { members, project, request } = run.of;
      const attempts = attemptsOf.get(run) ?? [];
      const manifest = this.#manifest(run, ledger);
      const counts = countsOf(manifest);
      const state =
        counts.failed > 0 ? 'failed' : counts.skipped === 0 ? 'done' : outcome === 'done' ? 'failed' : outcome;
      const seconds = Math.min(all, Math.max(0, ...attempts.map(({ end }) => end)));
      run.record = { ...run.record, state, seconds, counts, ...(revision ? { revision } : {}) };
      const own = new Map([...members].map((node, index) => [node, index]));
      const journal = attempts.map((attempt) => ({ ...attempt, node: own.get(attempt.node) as number }));
      await Promise.all([this.#store.putManifest(run.record.id, manifest, journal), this.#putRecord(run)]);
      const files = publishedFiles(request.plan.targets, ({ node, output }) => {
        const made = artefactOf({ node: members[node] as number, output });
        return made && { ...made, node: request.plan.nodes[node]?.id ?? made.node };
      });
      published.push(
        await publishResults(run.record.id, files, askedPaths(request.plan.targets), project, this.#store),
      );
    }
    return {
      files: published.flatMap(({ files }) => files),
      leftovers: published.flatMap(({ leftovers }) => leftovers),
    };
  }

  #attemptsByOwner({ attempts }: RunLedger): ReadonlyMap<SettingRun, readonly Attempt[]> {
    const found = new Map<SettingRun, Attempt[]>(this.#runs.map((run) => [run, []]));
    for (const attempt of attempts) found.get(this.#owner.get(attempt.node) as SettingRun)?.push(attempt);
    return found;
  }

  #begin(ledger: RunLedger): void {
    for (const run of this.#runs) void this.#putRecord(run).catch(ignore);
    this.#timer = setInterval(() => this.#writeProgress(ledger), INTERVAL_MS).unref();
  }

  /** What is said about it is written once: later on, somebody may say something else. */
  async #putRecord({ record }: SettingRun): Promise<void> {
    const { id, label } = record;
    const writes = [this.#store.putRun(record)];
    if (label && !this.#labelled.has(id)) writes.push(this.#store.putLabel(id, label));
    this.#labelled.add(id);
    await Promise.all(writes);
  }

  /** A killed sweep leaves what it had. */
  #writeProgress(ledger: RunLedger): void {
    for (const run of this.#runs) {
      const { id } = run.record;
      if (!run.hasManifest) {
        run.hasManifest = true;
        void this.#store.putManifest(id, this.#manifest(run, ledger), []).catch(ignore);
        continue;
      }
      const decided = [...run.of.members].flatMap((node, index) => {
        const [key, outcome] = [ledger.keys[node], this.#outcomeFor(run, node, ledger)];
        if (!key || outcome === run.written[index]) return [];
        run.written[index] = outcome;
        return [{ index, key, outcome }];
      });
      if (decided.length > 0) void this.#store.extendManifest(id, { decided, attempts: [] }).catch(ignore);
    }
  }

  #manifest(run: SettingRun, ledger: RunLedger): RunManifest {
    const { members, project, request } = run.of;
    const { plan, fingerprints } = request;
    return {
      params: project.pipeline.params,
      code: Object.fromEntries([...fingerprints].map(([stage, code]) => [stage.name, code])),
      targets: plan.targets,
      nodes: plan.nodes.map(({ id: node, index }) => {
        const place = members[index] as number;
        const outcome = this.#outcomeFor(run, place, ledger);
        run.written[index] = outcome;
        return { node, key: ledger.keys[place] ?? null, outcome };
      }),
    };
  }

  #outcomeFor(run: SettingRun, node: number, ledger: RunLedger): NodeOutcome {
    const outcome = ledger.outcomes[node] as NodeOutcome;
    const isMade = outcome === 'executed' || outcome === 'fetched';
    return isMade && this.#owner.get(node) !== run ? 'up to date' : outcome;
  }

  /** Each setting that needs the node has the failure in its history. */
  #failed(event: Extract<RunEvent, { type: 'failed' }>, node: number, ledger: RunLedger): void {
    const { type: _type, node: _node, ...why } = event;
    const key = ledger.keys[node];
    const attempt = ledger.attempts.findLast((each) => each.node === node);
    if (!key || !attempt) return;
    for (const { of, record } of this.#runs) {
      const index = of.members.indexOf(node);
      const id = of.request.plan.nodes[index]?.id;
      if (id === undefined) continue;
      const { attempt: number, reason = '', start, end } = attempt;
      const startedAt = new Date(Date.parse(record.startedAt) + start * 1000).toISOString();
      const failure: FailedAttempt = {
        node: id,
        key,
        attempt: number,
        reason,
        startedAt,
        seconds: end - start,
        ...why,
      };
      const written = this.#store.putFailures(record.id, [failure]).catch(ignore);
      this.#failures.add(written);
      void written.then(() => this.#failures.delete(written));
    }
  }
}

/** The project of a setting publishes into a folder of its own. */
export function withOwnResults(project: Project, setting: string): Project {
  const { root, directory } = project.results;
  return { ...project, results: { root, directory: join(directory, 'sweep', setting) } };
}

function countsOf({ nodes }: RunManifest) {
  const of = (outcome: NodeOutcome) => nodes.filter((node) => node.outcome === outcome).length;
  const ended = of('cut short');
  return {
    executed: of('executed'),
    restored: 0,
    audited: 0,
    fetched: of('fetched'),
    upToDate: of('up to date'),
    cutOff: of('cut off'),
    ...(ended > 0 ? { cutShort: ended } : {}),
    failed: of('failed'),
    skipped: of('skipped'),
  };
}

/** The record is for the history; a store that cannot take it will report that when the next node is committed. */
function ignore(): void {}
