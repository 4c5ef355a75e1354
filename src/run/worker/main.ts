import type { Diagnostic } from '../../base/diagnostic.ts';
import { type ErrorReport, reportError } from '../../base/error-report.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import { SameProcessNumber } from '../../store/lock/process-number.ts';
import { outputDigests } from '../../store/output-order.ts';
import type { NodeCommit, Store } from '../../store/store.ts';
import { UnreadableArtefact } from '../../store/unreadable-artefact.ts';
import type { FromWorker, Job, ToWorker, WorkerSetup } from '../protocol.ts';
import { ArtefactMemory } from './artefact-memory.ts';
import { checkSameBytes, DifferentBytes } from './check-same-bytes.ts';
import { execute } from './execute.ts';
import { LogCapture } from './log-capture.ts';
import { StageModules } from './stage-module.ts';
import { UndeclaredFiles } from './undeclared-files.ts';

// Both datasets and a few epochs of weights fit; what does not is read from the store again.
const MEMORY_BYTES = 256 * 1024 * 1024;
const PROGRESS_INTERVAL_MS = 200;
const READER_MS = 10_000;
const READER_POLL_MS = 50;

// For the stages, which are loaded from now on. From Node's start on, the map of this program, too, would be read each time.
process.setSourceMapsEnabled(true);

const setup = JSON.parse(process.argv[2] as string) as WorkerSetup;
const files = new UndeclaredFiles(setup);

/** Commits that are under way. */
let writing = 0;

// Ctrl-C reaches the whole process group; only the parent decides what it means.
process.on('SIGINT', () => {});
// A parent that was killed leaves nobody to work for.
process.on('disconnect', endAtOnce);
// A stage called process.exit(), or threw where nobody could catch it.
process.on('exit', () => {
  if (writing > 0) endAtOnce();
});

const workplace = openWorkplace(setup);
const capture = new LogCapture();

/**
 * In the middle of a commit, an orderly exit never comes to its end: Node waits for lmdb's writing thread, which waits for this one, and nobody
 * else can write to the cache as long as both do. A commit that is cut off leaves no trace.
 */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

interface Workplace {
  readonly store: Store;
  readonly modules: StageModules;
  readonly memory: ArtefactMemory;
}

/** A cache that cannot be opened is what fails the first job: then the run ends with the reason. */
function openWorkplace({ cacheDirectory, lease, root }: WorkerSetup): Workplace | Failure {
  try {
    const store = openPatiently(cacheDirectory);
    store.writeUnder(lease);
    const modules = new StageModules({ root, cacheDirectory }, store.bundles);
    return { store, modules, memory: new ArtefactMemory(store, MEMORY_BYTES) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** A reader of another container may have this process's number, for as long as it reads. */
function openPatiently(cacheDirectory: string): Store {
  for (let waited = 0; ; waited += READER_POLL_MS) {
    try {
      return openStore(cacheDirectory, 'existing');
    } catch (error) {
      if (!(error instanceof SameProcessNumber) || waited >= READER_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READER_POLL_MS);
    }
  }
}

function send(message: FromWorker): void {
  process.send?.(message);
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'exit') void end();
  else if (workplace instanceof Failure) send(failed(message.job, workplace));
  else void work(message.job, workplace);
});

async function end(): Promise<void> {
  if (!(workplace instanceof Failure)) await workplace.store.close().catch(() => {});
  process.exit(0);
}

async function work(job: Job, { store, modules, memory }: Workplace): Promise<void> {
  capture.clear();
  let commit: NodeCommit;
  try {
    store.refresh();
    const definition = await files.load(job, () => modules.load(job));
    commit = await execute(job, files.watched(definition, job), memory, setup, {
      log: (line) => capture.append(`${line}\n`),
      progress: throttledProgress(job.id),
      logText: () => capture.read(),
    });
  } catch (error) {
    send(failed(job, error));
    return;
  }
  const { record, artefacts } = commit;
  send({ type: 'computed', job: job.id, seconds: record.seconds });
  writing++;
  try {
    await keep(job, commit, store);
  } catch (error) {
    send(failed(job, error));
    return;
  } finally {
    writing--;
  }
  send({
    type: 'committed',
    job: job.id,
    outputs: outputDigests(record),
    seconds: record.seconds,
    bytes: [...artefacts.values()].reduce((sum, { length }) => sum + length, 0),
  });
}

/** Writes what a node gave, or, of one that was up to date already, what is to be there of it. */
async function keep({ purpose }: Job, commit: NodeCommit, store: Store): Promise<void> {
  switch (purpose.kind) {
    case 'record':
      return store.commit(commit);
    case 'restore':
      checkSameBytes(commit.record, purpose.expected);
      return store.restore(commit);
    case 'audit':
      checkSameBytes(commit.record, purpose.expected);
  }
}

function throttledProgress(job: number): (fraction: number) => void {
  let last = performance.now();
  return (fraction) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    send({ type: 'progress', job, fraction });
  };
}

function causeOf(error: unknown): 'stage' | 'usage' | 'store' | 'bytes' {
  if (error instanceof DifferentBytes) return 'bytes';
  return isFailure(error) && (error.kind === 'store' || error.kind === 'usage') ? error.kind : 'stage';
}

function failed(job: Job, error: unknown): FromWorker {
  if (error instanceof UnreadableArtefact) {
    const { digest, state, diagnostics } = error;
    return { type: 'unreadable', job: job.id, input: { digest, state, diagnostic: diagnostics[0] as Diagnostic } };
  }
  const cause = causeOf(error);
  const log = capture.read();
  if (isFailure(error)) {
    const [first, ...others] = error.diagnostics;
    const fact = [first?.fact, ...others.map((other) => other.fact)].join('\n');
    const reason = error.cause === undefined ? undefined : untold(reportError(error.cause), fact);
    return {
      type: 'failed',
      job: job.id,
      cause,
      diagnostic: { ...first, fact },
      ...(reason ? { error: reason } : {}),
      log,
    };
  }
  // An error that nobody explained is a bug in a stage or a library: here the stack is what helps.
  const report = reportError(error);
  const fact = `stage ${job.stage} threw: ${report.message || report.name}`;
  return { type: 'failed', job: job.id, cause, diagnostic: { fact }, error: report, log };
}

/** Why an explained failure came about, as far as the explanation does not say it already; it is explained, so no stack is needed. */
function untold({ frames: _frames, ...report }: ErrorReport, fact: string): ErrorReport | undefined {
  if (fact.includes(report.message) && !report.cause && !report.errors) return undefined;
  return { ...report, frames: [] };
}
