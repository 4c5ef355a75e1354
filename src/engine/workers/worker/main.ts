import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { type ErrorReport, reportError } from '../../base/error-report.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { FEW_JOBS, optimize } from '../../base/optimize.ts';
import { SameProcessNumber } from '../../base/same-process-number.ts';
import type { StageCode } from '../../keys/bundle-cache.ts';
import type { Purpose } from '../../staleness/work.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import { outputDigests } from '../../store/output-order.ts';
import type { NodeCommit, Store } from '../../store/store.ts';
import { UnreadableArtefact } from '../../store/unreadable-artefact.ts';
import { Channel } from '../channel.ts';
import { withTexts } from '../masked.ts';
import { LiveProgress } from '../metrics/live-progress.ts';
import { NodeMetrics } from '../metrics/node-metrics.ts';
import { OutOfMemory } from '../out-of-memory.ts';
import { killStrays } from '../process-group.ts';
import {
  CHANNEL_DESCRIPTOR,
  type FromWorker,
  isModuleJob,
  isShort,
  type Job,
  type ToWorker,
  type WorkerSetup,
} from '../protocol.ts';
import { ArtefactMemory } from './artefact-memory.ts';
import { checkSameBytes, DifferentBytes } from './check-same-bytes.ts';
import { PARAMS_FILE } from './command/command-folder.ts';
import { executeCommand, StoredCommands } from './command/execute-command.ts';
import { FolderPool } from './command/folder-pool.ts';
import { startLauncher } from './command/launcher.ts';
import { Programs } from './command/run-program.ts';
import { CommitGroup } from './commit-group.ts';
import { execute } from './execute.ts';
import { executeSource } from './execute-source.ts';
import { endAtOnce, endInOrder, guardExits } from './exits.ts';
import { Leftovers } from './leftovers.ts';
import type { MadeNode } from './node-commit.ts';
import { NodeFiles } from './node-files.ts';
import { NodeLog } from './node-log.ts';
import type { Observer } from './observer.ts';
import { ProcessState } from './process-state.ts';
import { currentNode, inContextOf, type RunningNode } from './running-node.ts';
import { StageModules } from './stage-module.ts';
import { UnchangedPackages } from './unchanged-packages.ts';
import { UndeclaredFiles } from './undeclared-files.ts';

// Both datasets and a few epochs of weights fit. The rest is read from the store again.
const MEMORY_BYTES = 256 * 1024 * 1024;
/** How often what a node has reported last is told, if it was not yet. */
const TICK_MS = 250;
const READER_MS = 10_000;
const READER_POLL_MS = 50;

// For the stages, which are loaded from now on. Set at Node's start, it would read the map of this program too, each time.
process.setSourceMapsEnabled(true);

const setup = JSON.parse(process.argv[2] as string) as WorkerSetup;
const files = new UndeclaredFiles(setup);
// Nobody knows what it had just started: the parent looks for that when this process has died.
const programs = new Programs(() => startLauncher(setup.lease, endAtOnce));
const environment = { ...process.env };

/** Commits that are under way. */
let writing = 0;
/** The node whose stage was called last. */
let latest: RunningNode | undefined;
/** A command leaves time for others meanwhile. */
const commits = new CommitGroup(() => latest?.phase === 'running');
/** Waits for the commits to end. */
let onWritten: (() => void) | undefined;

const socket = new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true });
const channel = new Channel(socket, (message) => receive(message as ToWorker));
// If the parent was killed, there is nobody to work for.
socket.on('close', () => {
  programs.kill();
  endAtOnce();
});
process.on('exit', () => {
  if (writing > 0) endAtOnce();
});
process.on('uncaughtException', (error: unknown) => blame(currentNode() ?? latest, error));
guardExits((what) => {
  const node = currentNode() ?? latest;
  const fact = `stage ${node?.job.stage} ${what}`;
  const failure = new Failure('stage', { fact, fix: 'return the outputs, or throw an error' });
  // Where only a commit can be saved, the error ends the process like an uncaught one.
  if (node?.phase !== 'running') throw failure;
  failEarly(node, failure);
  killStrays(process.pid);
  endAtOnce();
});

const workplace = openWorkplace(setup);
const log = new NodeLog(environment, () => (currentNode() ?? latest) === latest);
const processState = new ProcessState();
/** A module may change the state of the process, as commands and sources do not. */
let hasRunModule = false;
let commandsBegun = 0;
/** Begun with the first node: until then, Node itself changes things. */
let leftovers: Leftovers | undefined;

interface Workplace {
  readonly store: Store;
  readonly modules: StageModules;
  readonly memory: ArtefactMemory;
  readonly folders: FolderPool;
  readonly commands: StoredCommands;
  readonly packages: UnchangedPackages;
}

/** A cache that cannot be opened fails the first job: then the run ends with the reason. */
function openWorkplace(setup: WorkerSetup): Workplace | Failure {
  const { cacheDirectory, lease, isOfUnits } = setup;
  try {
    const store = openPatiently(cacheDirectory);
    if (isOfUnits) store.writeAmongOthers(lease);
    else store.writeUnder(lease);
    const packages = new UnchangedPackages(setup, store.bundles);
    const modules = new StageModules(setup, store.bundles, packages);
    const folders = new FolderPool(() => store.files.newPath(), PARAMS_FILE);
    const commands = new StoredCommands(store.bundles);
    return { store, modules, memory: new ArtefactMemory(store, MEMORY_BYTES), folders, commands, packages };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** A reader of another container may have this process's number, for as long as it reads. */
function openPatiently(cacheDirectory: string): Store {
  for (let waited = 0; ; waited += READER_POLL_MS) {
    try {
      return openStore(cacheDirectory, 'checked');
    } catch (error) {
      if (!(error instanceof SameProcessNumber) || waited >= READER_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READER_POLL_MS);
    }
  }
}

function send(message: FromWorker): void {
  channel.send(message);
}

function receive(message: ToWorker): void {
  if (message.type === 'exit') {
    void end();
    return;
  }
  const { token, job } = message;
  const node: RunningNode = { token, job, phase: 'running', timers: new Set(), metrics: metricsOf(token) };
  latest = node;
  if (workplace instanceof Failure) send(failed(node, workplace, false));
  else void work(node, workplace);
}

async function end(): Promise<void> {
  if (writing > 0) {
    await new Promise<void>((resolve) => {
      onWritten = resolve;
    });
  }
  await programs.end();
  if (!(workplace instanceof Failure)) {
    workplace.folders.removeAll();
    await workplace.store.close().catch(() => {});
  }
  killStrays(process.pid);
  endInOrder();
}

function metricsOf(token: string): NodeMetrics {
  return new NodeMetrics({
    tell: (values) => send({ type: 'metrics', token, values }),
    warn: (message) => log.line(message),
    mask: (name) => log.mask(name),
  });
}

/** An uncaught error. Before the node's commit it fails the node; afterwards the result stands. */
function blame(node: RunningNode | undefined, error: unknown): void {
  if (!node) throw error;
  if (node.phase === 'running') failEarly(node, error);
  else {
    const { fact } = explain(node.job, error).diagnostic;
    const diagnostic = { fact: `after its end: ${fact}`, fix: 'await all that the stage starts' };
    send({ type: 'warning', token: node.token, diagnostic });
  }
}

/** Fails a node whose stage has not returned. The parent reads its log: this process may end before a long message is sent. */
function failEarly(node: RunningNode, error: unknown): void {
  node.phase = 'ended';
  node.metrics.end();
  const metrics = node.metrics.series();
  send({ type: 'failed', token: node.token, ...explain(node.job, error), log: '', metrics, isSpent: true });
}

async function work(node: RunningNode, workplace: Workplace): Promise<void> {
  const progress = new LiveProgress((fraction) => send({ type: 'progress', token: node.token, fraction }));
  // Started here, it is no timer of the stage. Code that does not return to the event loop holds it up.
  const clock = setInterval(() => {
    if (node.phase !== 'running') return;
    progress.tick();
    node.metrics.tick();
  }, TICK_MS).unref();
  try {
    await workReporting(node, workplace, progress);
  } finally {
    clearInterval(clock);
  }
}

async function workReporting(node: RunningNode, workplace: Workplace, progress: LiveProgress): Promise<void> {
  const { store } = workplace;
  leftovers ??= new Leftovers();
  const inspection = leftovers;
  const { token, job } = node;
  const observer = {
    log: (line: string) => log.line(line),
    progress: (fraction: number) => progress.offer(fraction),
    metric: (name: string, value: number, step?: number, time?: number) => {
      // What the stage has left running reports nothing more.
      if (node.phase === 'running') node.metrics.add(name, value, step, time);
    },
    warn: (diagnostic: Diagnostic) => send({ type: 'warning', token, diagnostic: masked(diagnostic) }),
  };
  const nodeFiles = new NodeFiles(store.files, job);
  let result: { readonly made: MadeNode } | { readonly error: unknown };
  try {
    log.begin(job.secrets);
    const isModule = isModuleJob(job);
    if (hasRunModule || isModule) processState.restore();
    hasRunModule = isModule;
    // The code of stages is as fast as ever.
    optimize(isModule || ++commandsBegun > FEW_JOBS ? 'soon' : 'late');
    store.refresh();
    result = { made: await carryOut(node, workplace, nodeFiles, observer) };
  } catch (error) {
    result = { error };
  }
  await nodeFiles.remove();
  // What the stage left to the next turn of the event loop may still fail it.
  await turn();
  // A command runs no code in this process.
  const left = isModuleJob(job) ? await inspection.of(node, () => textOf(store.bundles.code(job.code))) : [];
  if (node.phase !== 'running') {
    await nodeFiles.discard();
    return;
  }
  const isSpent = left.length > 0;
  if ('error' in result) {
    await nodeFiles.discard();
    node.phase = 'ended';
    send(failed(node, result.error, isSpent));
    return;
  }
  node.phase = 'committing';
  const record = { ...result.made.record, log: log.read() };
  const isKept = await commit(node, { ...result.made, record, metrics: node.metrics.series() }, store, isSpent);
  if (!isKept || job.purpose.kind === 'audit') await nodeFiles.discard();
}

async function carryOut(
  node: RunningNode,
  { store, modules, memory, folders, commands, packages }: Workplace,
  nodeFiles: NodeFiles,
  observer: Observer,
): Promise<MadeNode> {
  const { token, job } = node;
  if (job.program.kind === 'source') {
    return executeSource(job, job.program.source, store.files, nodeFiles, setup, observer);
  }
  if (!isModuleJob(job)) {
    return executeCommand(
      job,
      commands.of(job),
      nodeFiles,
      setup,
      observer,
      { programs, folders, surroundings: environment, log, packages },
      (group, state) => send({ type: 'group', token, group, state }),
    );
  }
  // A module may look for children of its process, and is asked for those that it leaves.
  await programs.end();
  const definition = await files.load(job, () => inContextOf(node, () => modules.load(job)));
  const watched = files.watched(definition, job, observer.warn);
  const stage = { ...watched, run: (context: never) => inContextOf(node, () => watched.run(context)) };
  return execute(job, stage, memory, nodeFiles, setup, observer);
}

function textOf(code: StageCode | undefined): string {
  return code?.kind === 'module' ? code.text : '';
}

/** @returns whether it succeeded */
async function commit(node: RunningNode, made: NodeCommit, store: Store, isSpent: boolean): Promise<boolean> {
  const { token, job } = node;
  const { record } = made;
  node.metrics.end();
  send({ type: 'computed', token, seconds: record.seconds, isSpent });
  writing++;
  try {
    if (job.program.kind === 'command' && isShort(record.seconds)) await commits.join();
    await keep(job, made, store);
    const sizes = new Map(Object.values(record.outputs).map(({ digest, bytes }) => [digest, bytes]));
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    send({ type: 'committed', token, outputs: outputDigests(record), seconds: record.seconds, bytes, isSpent });
    return true;
  } catch (error) {
    send(failed(node, error, isSpent));
    return false;
  } finally {
    node.phase = 'ended';
    writing--;
    if (writing === 0) onWritten?.();
  }
}

/** Writes the outputs of a node or, for a node that was up to date already, the missing ones of them. */
async function keep({ purpose }: Job, commit: NodeCommit, store: Store): Promise<void> {
  switch (purpose.kind) {
    case 'record':
      return store.commit(commit);
    case 'restore':
      return restore(commit, purpose.expected, store);
    case 'audit':
      checkSameBytes(commit.record, purpose.expected, purpose.under);
  }
}

/** Other bytes, which only a stage that does not repeat its own may give, replace the record. */
function restore(
  commit: NodeCommit,
  expected: Extract<Purpose, { kind: 'restore' }>['expected'],
  store: Store,
): Promise<void> {
  if (expected !== 'any bytes') {
    checkSameBytes(commit.record, expected);
    return store.restore(commit);
  }
  const recorded = store.trace(commit.record.key)?.outputs;
  return isDeepStrictEqual(recorded, outputDigests(commit.record)) ? store.restore(commit) : store.commit(commit);
}

function causeOf(error: unknown): Extract<FromWorker, { type: 'failed' }>['cause'] {
  if (error instanceof DifferentBytes) return 'bytes';
  if (error instanceof OutOfMemory) return 'memory';
  return isFailure(error) && (error.kind === 'store' || error.kind === 'usage') ? error.kind : 'stage';
}

function failed({ token, job, metrics }: RunningNode, error: unknown, isSpent: boolean): FromWorker {
  if (error instanceof UnreadableArtefact) {
    const { digest, state, diagnostics } = error;
    return { type: 'unreadable', token, input: { digest, state, diagnostic: diagnostics[0] as Diagnostic } };
  }
  metrics.end();
  return { type: 'failed', token, ...explain(job, error), log: log.read(), metrics: metrics.series(), isSpent };
}

function explain(
  job: Job,
  error: unknown,
): Pick<Extract<FromWorker, { type: 'failed' }>, 'cause' | 'diagnostic' | 'error'> {
  const cause = causeOf(error);
  if (isFailure(error)) {
    const [first, ...others] = error.diagnostics;
    const fact = [first?.fact, ...others.map((other) => other.fact)].join('\n');
    const reason = error.cause === undefined ? undefined : untold(reportError(error.cause), fact);
    return { cause, diagnostic: masked({ ...first, fact }), ...(reason ? { error: masked(reason) } : {}) };
  }
  // An error without an explanation is a bug in a stage or a library: here the stack helps.
  const report = reportError(error);
  const fact = `stage ${job.stage} threw: ${report.message || report.name}`;
  return { cause, diagnostic: masked({ fact }), error: masked(report) };
}

/** The causes of an explained failure that the explanation does not name. They need no stack. */
function untold({ frames: _frames, ...report }: ErrorReport, fact: string): ErrorReport | undefined {
  if (fact.includes(report.message) && !report.cause && !report.errors) return undefined;
  return { ...report, frames: [] };
}

/** Without the values of secrets. */
function masked<T extends Diagnostic | ErrorReport>(told: T): T {
  return withTexts(told, (text) => log.mask(text)) as T;
}
