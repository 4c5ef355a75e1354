import { type FileHandle, mkdir, open, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId, PlanNode } from '../../plan/plan.ts';
import { describeReason } from '../../staleness/describe-reason.ts';
import type { MetricValue } from '../../store/metric-series.ts';
import type { NodeOutcome } from '../../store/run-manifest.ts';
import type { RunEvent, RunListener } from '../events.ts';
import type { RunLedger } from '../ledger.ts';
import type { RunObserver } from '../run-loop.ts';
import type { Task } from '../task.ts';
import type { LiveEntry, LiveNotice, NodePulse, PulseEntry, StartedAttempt } from './live-entry.ts';
import { JOURNAL, liveFolder, liveFolders, logName, PULSES } from './live-folder.ts';
import { LogTail } from './log-tail.ts';
import { rangesOf } from './ranges.ts';

const INTERVAL_MS = 250;

/** Of each of the two files of the pulse. */
const PULSE_BYTES = 4 * 1024 * 1024;

/** In one entry: a run whose nodes all warn must not write more about that than about the rest. */
const MOST_NOTICES = 50;

interface RunningNode {
  readonly index: number;
  fraction: number | undefined;
  readonly values: Map<string, MetricValue>;
  readonly log: LogTail;
}

/**
 * Tells whoever looks what happens in a run: it appends to files in the cache's folder, four times a second at most. Nobody reads them in this
 * process, and the run waits for none of it. Where they cannot be written, the run goes on without them.
 */
export class LiveJournal implements RunObserver {
  private readonly folder: string;
  private readonly cacheDirectory: string;
  private readonly ledger: () => RunLedger;
  private readonly nodes: readonly PlanNode[];
  private readonly startedAt = performance.now();
  private readonly running = new Map<NodeId, RunningNode>();
  private indices: Map<NodeId, number> | undefined;
  private started: StartedAttempt[] = [];
  private notices: LiveNotice[] = [];
  private skipped: number[] = [];
  /** Until it is told. */
  private isStopping = false;
  private readonly taken = { decisions: 0, attempts: 0 };
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private isBroken = false;
  private journal: FileHandle | undefined;
  private pulse: { handle: FileHandle; number: number; bytes: number } | undefined;

  constructor(cacheDirectory: string, run: string, nodes: readonly PlanNode[], ledger: () => RunLedger) {
    this.cacheDirectory = cacheDirectory;
    this.folder = liveFolder(cacheDirectory, run);
    this.nodes = nodes;
    this.ledger = ledger;
  }

  /** Passes events on, and begins to write with the first executed node. */
  listen(listener: RunListener): RunListener {
    return (event) => {
      this.note(event);
      listener(event);
    };
  }

  assigned({ subject: { node }, attempt, reason }: Task, worker: number, executor: string | undefined): void {
    const { id, index } = node;
    this.running.set(id, { index, fraction: undefined, values: new Map(), log: new LogTail() });
    const place = executor === undefined ? {} : { executor };
    this.started.push({ node: index, attempt, worker, ...place, start: this.now(), reason: describeReason(reason) });
  }

  output(node: NodeId, text: string, omitted: number): void {
    this.running.get(node)?.log.add(text, omitted);
  }

  /** Stops, and removes what it has written: the record of the run has all of it now. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await Promise.all([this.journal?.close(), this.pulse?.handle.close()]).catch(ignore);
    if (!this.timer) return;
    await rm(this.folder, { recursive: true, force: true }).catch(ignore);
    // Only if it is empty: what another run may have put there stays.
    await rmdir(liveFolders(this.cacheDirectory)).catch(ignore);
  }

  private note(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.begin();
        break;
      case 'progress': {
        const node = this.running.get(event.node);
        if (node) node.fraction = event.fraction;
        break;
      }
      case 'metrics': {
        const node = this.running.get(event.node);
        if (node) for (const value of event.values) node.values.set(value.name, value);
        break;
      }
      case 'skipped':
        this.indices ??= new Map(this.nodes.map(({ id, index }) => [id, index]));
        this.skipped.push(this.indices.get(event.node) as number);
        break;
      case 'stopping':
        this.isStopping = true;
        break;
      case 'failed':
      case 'retrying':
      case 'warning':
      case 'refused':
      case 'unreadable': {
        const { fact, fix } = event.diagnostic;
        const about = { kind: event.type, node: event.node ?? null, fact, ...(fix === undefined ? {} : { fix }) };
        if (this.notices.length < MOST_NOTICES) this.notices.push({ ...about, at: this.now() });
        break;
      }
    }
  }

  private begin(): void {
    if (this.timer) return;
    this.timer = setInterval(() => {
      // A slow disk gets fewer and larger entries.
      if (this.isWriting || this.isBroken) return;
      this.isWriting = true;
      this.writing = this.write()
        .catch(() => {
          this.isBroken = true;
        })
        .finally(() => {
          this.isWriting = false;
        });
    }, INTERVAL_MS).unref();
  }

  private async write(): Promise<void> {
    if (!this.journal) {
      // Of runs that were killed: this one has the lease.
      await rm(liveFolders(this.cacheDirectory), { recursive: true, force: true });
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      this.journal = await open(join(this.folder, JOURNAL), 'a', 0o600);
    }
    const entry = this.takeEntry();
    const pulse = this.takePulse();
    if (entry) await this.journal.appendFile(`${JSON.stringify(entry)}\n`);
    if (pulse.nodes.length > 0) await this.writePulse(`${JSON.stringify(pulse)}\n`);
    for (const { index, log } of this.running.values()) await this.writeLog(index, log);
  }

  private takeEntry(): LiveEntry | undefined {
    const { decisions, attempts, outcomes, keys } = this.ledger();
    const { taken } = this;
    const recent = new Set(decisions.slice(taken.decisions));
    const ended = attempts.slice(taken.attempts);
    taken.decisions = decisions.length;
    taken.attempts = attempts.length;
    const byOutcome = new Map<NodeOutcome, number[]>(this.skipped.length > 0 ? [['skipped', this.skipped]] : []);
    const reopened: number[] = [];
    for (const index of recent) {
      const outcome = outcomes[index] as NodeOutcome;
      if (keys[index] === null && outcome !== 'cut short') {
        reopened.push(index);
        continue;
      }
      const alike = byOutcome.get(outcome);
      if (alike) alike.push(index);
      else byOutcome.set(outcome, [index]);
    }
    const { started, notices, isStopping } = this;
    this.isStopping = false;
    this.started = [];
    this.notices = [];
    this.skipped = [];
    for (const { node } of ended) this.forget(node);
    const entry = {
      ...(byOutcome.size > 0
        ? { decided: Object.fromEntries([...byOutcome].map(([outcome, nodes]) => [outcome, rangesOf(nodes)])) }
        : {}),
      ...(reopened.length > 0 ? { reopened } : {}),
      ...(started.length > 0 ? { started } : {}),
      ...(ended.length > 0 ? { ended } : {}),
      ...(notices.length > 0 ? { notices } : {}),
      ...(isStopping ? { isStopping } : {}),
    };
    return Object.keys(entry).length > 0 ? { at: this.now(), ...entry } : undefined;
  }

  /** An attempt has ended. If the next one has begun already, its entry stays. */
  private forget(index: number): void {
    const id = this.nodes[index]?.id;
    if (id === undefined || this.started.some(({ node }) => node === index)) return;
    const node = this.running.get(id);
    this.running.delete(id);
    if (node?.log.isWritten) void rm(join(this.folder, logName(index)), { force: true }).catch(ignore);
  }

  private takePulse(): PulseEntry {
    const nodes: NodePulse[] = [];
    for (const node of this.running.values()) {
      const { index, fraction, values } = node;
      if (fraction === undefined && values.size === 0) continue;
      nodes.push({
        node: index,
        ...(fraction === undefined ? {} : { fraction }),
        ...(values.size > 0 ? { values: [...values.values()] } : {}),
      });
      node.fraction = undefined;
      values.clear();
    }
    return { at: this.now(), nodes };
  }

  private async writePulse(line: string): Promise<void> {
    if (!this.pulse || this.pulse.bytes > PULSE_BYTES) {
      const number = this.pulse ? 1 - this.pulse.number : 0;
      await this.pulse?.handle.close();
      this.pulse = { handle: await open(join(this.folder, PULSES[number] as string), 'w', 0o600), number, bytes: 0 };
    }
    await this.pulse.handle.appendFile(line);
    this.pulse.bytes += Buffer.byteLength(line);
  }

  private async writeLog(index: number, log: LogTail): Promise<void> {
    const text = log.take();
    if (text === undefined) return;
    const file = join(this.folder, logName(index));
    if (text.isAppended) {
      await writeFile(file, text.bytes, { flag: 'a', mode: 0o600 });
      return;
    }
    await writeFile(`${file}.new`, text.bytes, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  private now(): number {
    return Math.round(performance.now() - this.startedAt) / 1000;
  }
}

function ignore(): void {}
