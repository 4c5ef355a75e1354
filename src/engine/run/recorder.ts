import type { JsonObject } from '../base/json.ts';
import type { FailedAttempt } from '../store/failed-attempt.ts';
import type { RunLabel } from '../store/run-label.ts';
import type { CodeRevision, RunRecord, Store } from '../store/store.ts';
import type { RunListener, RunSummary } from './events.ts';
import type { RunLedger } from './ledger.ts';

const INTERVAL_MS = 1000;

/**
 * Records a run: its record as soon as something is executed, then every second what has happened since, and all of it
 * at the end. A killed run leaves what it had; one that executes nothing writes once.
 */
export class RunRecorder {
  private readonly store: Store;
  private readonly params: JsonObject;
  private readonly findRevision: () => Promise<CodeRevision | undefined>;
  private record: RunRecord;
  private revision: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private hasManifest = false;
  /** What was said about the run when it was started, until it is written. Later on, somebody may say something else. */
  private label: RunLabel | undefined;
  private readonly failures = new Set<Promise<void>>();

  /**
   * @param record of the run as it begins
   * @param params those of the pipeline
   * @param findRevision called once something is executed
   */
  constructor(
    store: Store,
    record: RunRecord,
    params: JsonObject,
    findRevision: () => Promise<CodeRevision | undefined>,
  ) {
    this.store = store;
    this.record = record;
    this.label = record.label;
    this.params = params;
    this.findRevision = findRevision;
  }

  /** Passes events on, and begins to write with the first executed node. */
  listen(ledger: () => RunLedger, listener: RunListener): RunListener {
    return (event) => {
      if (event.type === 'started' && !this.timer) this.begin(ledger());
      if (event.type === 'failed' || event.type === 'retrying') this.putFailures(ledger().takeFailures());
      listener(event);
    };
  }

  /** Stops writing, whatever the outcome of the run. */
  stop(): void {
    clearInterval(this.timer);
  }

  async finish(ledger: RunLedger, summary: RunSummary): Promise<void> {
    this.stop();
    await Promise.all([this.revision, ...this.failures]);
    const { outcome, executed, restored, audited, fetched, upToDate, cutOff, cutShort, failed, skipped } = summary;
    const { seconds, timing } = summary;
    const ends: Readonly<Record<string, number>> = cutShort === undefined ? {} : { cutShort };
    const counts = { executed, restored, audited, fetched, upToDate, cutOff, ...ends, failed, skipped };
    this.record = { ...this.record, state: outcome, seconds, counts, ...(timing ? { timing } : {}) };
    await Promise.all([this.putManifest(ledger, this.earlierAlike(summary)), this.putRecord()]);
  }

  /**
   * The last run, if it was asked for the same as this one and this one found everything up to date. Then both resolved to the
   * same keys, since nothing was executed in between. An up-to-date run refers to it instead of writing its own.
   */
  private earlierAlike(summary: RunSummary): RunRecord | undefined {
    const { executed, restored, fetched, cutOff, cutShort = 0, failed, skipped } = summary;
    if (executed + restored + fetched + cutOff + cutShort + failed + skipped > 0) return undefined;
    for (const last of this.store.runs()) {
      const isAlike = last.state === 'done' && last.asked !== undefined && last.asked === this.record.asked;
      return isAlike ? last : undefined;
    }
    return undefined;
  }

  private async putManifest(ledger: RunLedger, alike: RunRecord | undefined): Promise<void> {
    const { id } = this.record;
    if (alike && (await this.store.shareManifest(id, alike.id))) return;
    await this.store.putManifest(id, ledger.manifest(this.params), ledger.attempts);
  }

  private begin(ledger: RunLedger): void {
    this.put();
    this.timer = setInterval(() => this.writeProgress(ledger), INTERVAL_MS).unref();
    this.revision = this.findRevision().then((revision) => {
      if (!revision) return;
      this.record = { ...this.record, revision };
      this.put();
    });
  }

  private put(): void {
    void this.putRecord().catch(ignore);
  }

  private async putRecord(): Promise<void> {
    const { label } = this;
    this.label = undefined;
    await Promise.all([this.store.putRun(this.record), ...(label ? [this.store.putLabel(this.record.id, label)] : [])]);
  }

  /** At once, since there are few, and the run may be killed. */
  private putFailures(failures: readonly FailedAttempt[]): void {
    const written = this.store.putFailures(this.record.id, failures).catch(ignore);
    this.failures.add(written);
    void written.then(() => this.failures.delete(written));
  }

  private writeProgress(ledger: RunLedger): void {
    const { id } = this.record;
    const progress = ledger.takeProgress();
    if (!this.hasManifest) {
      this.hasManifest = true;
      void this.store.putManifest(id, ledger.manifest(this.params), ledger.attempts).catch(ignore);
    } else if (progress.decided.length > 0 || progress.attempts.length > 0) {
      void this.store.extendManifest(id, progress).catch(ignore);
    }
  }
}

/** The record is for the history; a store that cannot take it will report that when the next node is committed. */
function ignore(): void {}
