import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { shortened } from '../../../base/diagnostic.ts';
import type { CodeFingerprint } from '../../../base/digest.ts';
import { Failure } from '../../../base/failure.ts';
import { containerStart } from '../../../environments/container-line.ts';
import { Environments } from '../../../environments/environments.ts';
import { lineIn, type ProgramLine } from '../../../environments/program-line.ts';
import type { BundleCache } from '../../../keys/bundle-cache.ts';
import type { CommandCode } from '../../../keys/command-code.ts';
import { pythonFolder } from '../../../keys/python/python-folder.ts';
import { fileBehind } from '../../../keys/software/look-up.ts';
import type { UsedSoftware } from '../../../keys/software/used-software.ts';
import {
  isContainer,
  type LockedEnvironment,
  type ProgramEnvironment,
} from '../../../pipeline/stages/program-environment.ts';
import { killedFix } from '../../killed-fix.ts';
import { OutOfMemory, ranOutOfMemory, recentMemoryKills } from '../../out-of-memory.ts';
import type { Job, WorkerSetup } from '../../protocol.ts';
import { type MadeNode, nodeCommit } from '../node-commit.ts';
import type { NodeFiles } from '../node-files.ts';
import type { NodeLog } from '../node-log.ts';
import type { Observer } from '../observer.ts';
import { ProjectFiles } from '../project-files.ts';
import type { UnchangedPackages } from '../unchanged-packages.ts';
import { checkOpened } from '../undeclared-opens.ts';
import { type CommandEnvironment, commandEnvironment } from './command-environment.ts';
import { type CommandFolder, emptyCommandFolder, makeCommandFolder } from './command-folder.ts';
import { commandLine, typed } from './command-line.ts';
import { failedFix } from './failed-fix.ts';
import type { FolderPool } from './folder-pool.ts';
import { checkRoom, checkRoomOfOutputs, isLogFull, LOGS } from './full-disk.ts';
import { type NodePaths, nodePaths, readOnlyPaths } from './node-paths.ts';
import { openedByPrograms } from './opened-by-programs.ts';
import { readReports } from './process-reports.ts';
import { followEvents } from './program-events.ts';
import type { GroupListener, ProgramEnd, ProgramStart, Programs } from './run-program.ts';
import { NOT_TRACED, traced, tracedFiles } from './system-calls.ts';
import { takeOutputs } from './take-outputs.ts';
import { installedSoftware, usedSoftware, workingCopies } from './used-software.ts';
import { virtualEnvironmentFix } from './virtual-environment.ts';

/** What the commands of a worker share. */
export interface CommandPlace {
  readonly programs: Programs;
  readonly folders: FolderPool;
  /** Of the worker, as it was started. To ask the system for each variable takes long. */
  readonly surroundings: NodeJS.ProcessEnv;
  /** Of the present node. */
  readonly log: Pick<NodeLog, 'startsIn' | 'read'>;
  readonly packages: UnchangedPackages;
}

/** How much of a command line a message shows. */
const LINE_SHOWN = 300;

/** Runs the command of one node. The store has the parts of directories then, and no result. */
export async function executeCommand(
  job: Job,
  { program, files: code, packages: wanted }: CommandCode,
  files: NodeFiles,
  setup: WorkerSetup,
  observer: Observer,
  { programs, folders, surroundings, log, packages }: CommandPlace,
  onGroup: GroupListener,
): Promise<MadeNode> {
  const startedAt = new Date();
  const started = performance.now();
  const paths = nodePaths(job, program);
  const own = commandLine(program, job, paths);
  const source = job.program.kind === 'command' ? job.program.environment : undefined;
  const container = source && isContainer(source) ? source : undefined;
  const locked = source && !isContainer(source) ? source : undefined;
  const folder = await makeCommandFolder(files, folders, code, job, paths, program.paths?.params);
  log.startsIn(folder.path);
  const start = startOf(
    own,
    source,
    setup.root,
    folder,
    commandEnvironment(job, folder, setup, source, surroundings),
    paths,
  );
  const { line, environment } = start;
  const calls = join(folder.path, '.vmfdag/calls');
  const isTraced = job.undeclared === 'strace';
  if (isTraced && container) {
    const fact = `stage ${job.stage} says "undeclared: strace", which does not see into a container`;
    throw new Failure('usage', {
      fact,
      fix: 'remove that line: a container has no file of the project but the declared ones',
    });
  }
  // A container has packages of its own.
  const reached = container ? undefined : wanted;
  // Node looks for them from the place without links.
  const place = fileBehind(folder.path);
  if (reached) packages.check(reached, place, job);
  const project = new ProjectFiles(setup.root, setup.cacheDirectory);
  const endEvents = followEvents(folder.eventsFile, observer);
  const killsBefore = recentMemoryKills();
  let end: ProgramEnd;
  try {
    end = await programs.run(isTraced ? { ...start, line: traced(line, calls, job.stage) } : start, onGroup);
  } finally {
    await endEvents();
  }
  if (source?.tool === 'image') checkRunner(end, line, source, job);
  checkEnd(end, line, job, folder.path, killsBefore, {
    ofExit: () => failedFix({ stage: job.stage, printed: log.read(), folder: folder.path, project }),
    ofNoProgram: () => virtualEnvironmentFix(line.program, project),
  });
  // It may have loaded them at any time.
  if (reached) packages.check(reached, place, job);
  checkRoomOfOutputs(job.node, folder.path);
  if (isLogFull()) observer.log(`the disk of ${LOGS} is full: lines of this log may be missing`);
  if (end.kind === 'exit' && end.left === 'killed') {
    observer.log('the command left programs running, which were killed');
  }
  const reports = await readReports(folder.audit, environment);
  const reads = isTraced ? 'strace' : reports.length > 0 ? 'python' : 'none';
  const ignored = [folder.path, setup.cacheDirectory];
  const seen = isTraced ? tracedFiles(calls, setup.root, ignored) : NOT_TRACED;
  const circumstances = { searchPath: environment.PATH ?? '', ignored, startedMs: startedAt.getTime() };
  const opened = [...reports.flatMap((report) => report.files), ...seen.used];
  if (opened.length > 0) {
    checkOpened(job, openedByPrograms(opened, setup.root, project), project, observer);
  }
  files.checkInputs();
  const { artefacts, outputs } = await takeOutputs(folder.path, job, paths, files);
  if (end.kind === 'exit' && end.left === 'nothing') emptyCommandFolder(folder, files, folders);
  const used = container ? undefined : usedSoftware(line, { reports, seen }, code, circumstances);
  const software = used && locked ? notInKey(used, reports.length > 0, locked, job, setup) : used;
  const seconds = (performance.now() - started) / 1000;
  return nodeCommit(job, { outputs, artefacts, startedAt, seconds, reads, ...(software ? { software } : {}) }, setup);
}

/**
 * What a key does not say that names an environment: packages outside of it, which people edit. If something was installed in it meanwhile, the key says nothing of
 * the packages that were used.
 * @throws {Failure} kind `usage` where it is not known either which these were
 */
function notInKey(
  used: UsedSoftware,
  hasReports: boolean,
  environment: LockedEnvironment,
  { stage, surroundings }: Job,
  { root, cacheDirectory }: WorkerSetup,
): UsedSoftware | undefined {
  const environments = new Environments(root, cacheDirectory, false);
  if (!environments.hasChanged(environment, surroundings.environment ?? '')) return workingCopies(used);
  if (hasReports) return installedSoftware(used);
  throw new Failure('usage', {
    fact: `the environment of stage ${stage} has changed after the run had begun`,
    fix: 'run again',
  });
}

/** How a command is started in its environment. */
function startOf(
  own: ProgramLine,
  source: ProgramEnvironment | undefined,
  root: string,
  folder: CommandFolder,
  environment: CommandEnvironment,
  paths: NodePaths,
): ProgramStart {
  const { path } = folder;
  if (!source || !isContainer(source)) {
    const line = source ? lineIn(source, root, own) : own;
    return { line, folder: path, environment: { ...environment.passed, ...environment.own } };
  }
  const view = {
    folder: path,
    readOnly: [...readOnlyPaths(path, paths), pythonFolder()],
    variables: environment.own,
    home: folder.temporary,
    name: `vmfdag-${randomUUID()}`,
  };
  const { removal, ...start } = containerStart(source, root, own, view, environment.passed);
  return {
    ...start,
    folder: path,
    removal: removal && { name: view.name, line: removal, environment: environment.passed },
  };
}

/** The commands that the cache has, by their fingerprints. */
export class StoredCommands {
  private readonly bundles: BundleCache;
  /** A worker mostly executes many nodes of a stage. */
  private latest: { readonly fingerprint: CodeFingerprint; readonly code: CommandCode } | undefined;

  constructor(bundles: BundleCache) {
    this.bundles = bundles;
  }

  /** @throws {Failure} kind `store` where it is missing */
  of(job: Job): CommandCode {
    if (this.latest?.fingerprint === job.code) return this.latest.code;
    const code = this.bundles.code(job.code);
    if (code?.kind !== 'command') throw missing(job);
    this.latest = { fingerprint: job.code, code };
    return code;
  }
}

function missing(job: Job): Failure {
  return new Failure('store', {
    fact: `the command of stage ${job.stage} is not in the cache`,
    fix: 'run "vmfdag cache verify" and then again: it will be read again',
  });
}

/** The exit code of podman and docker for an error of their own. */
const RUNNER_FAILED = 125;

function checkRunner(
  end: ProgramEnd,
  { program }: ProgramLine,
  { image, digest }: Extract<ProgramEnvironment, { tool: 'image' }>,
  { node }: Job,
): void {
  if (end.kind !== 'exit' || end.code !== RUNNER_FAILED) return;
  throw new Failure('stage', {
    fact: `${program} could not start the container of ${node}: what it says is in its log`,
    fix: `if the image is missing: ${program} pull ${image}@sha256:${digest}`,
  });
}

/** What a shell ends with if its last command was ended by SIGKILL. */
const SHELL_KILLED = 137;

/** Fixes that only the project and the log can tell. */
interface Fixes {
  ofExit(): string;
  ofNoProgram(): string | undefined;
}

function checkEnd(
  end: ProgramEnd,
  line: ProgramLine,
  { node, stage }: Job,
  folder: string,
  killsBefore: number | undefined,
  fixes: Fixes,
): void {
  if (end.kind === 'exit' && end.code === 0) return;
  const isOut = () => ranOutOfMemory(killsBefore, true, '');
  if (end.kind === 'exit') checkRoom(`the command of ${node} ended with exit code ${end.code}`, folder);
  // A write to a file in memory that has no room may end it too.
  if (end.kind === 'signal') checkRoom(`the command of ${node} was killed by ${end.signal}`, folder);
  const shown = shortened(typed(line), LINE_SHOWN);
  switch (end.kind) {
    case 'exit':
      throw new (end.code === SHELL_KILLED && isOut() ? OutOfMemory : Failure)('stage', {
        fact: `the command of ${node} ended with exit code ${end.code}: ${shown}`,
        fix: fixes.ofExit(),
      });
    case 'signal':
      throw new (end.signal === 'SIGKILL' && isOut() ? OutOfMemory : Failure)('stage', {
        fact: `the command of ${node} was killed by ${end.signal}: ${shown}`,
        fix: killedFix(end.signal === 'SIGKILL'),
      });
    case 'not started':
      throw new Failure('stage', notStarted(end.error, line, stage, node, fixes));
  }
}

function notStarted(error: NodeJS.ErrnoException, { program }: ProgramLine, stage: string, node: string, fixes: Fixes) {
  const isPath = program.includes('/');
  switch (error.code) {
    case 'ENOENT':
      return {
        fact: `the command of ${node} cannot be started: there is no program ${program}${isPath ? ' in its folder' : ' on PATH'}`,
        fix: isPath
          ? (fixes.ofNoProgram() ?? `name it in "code:" of stage ${stage}`)
          : 'install it, or correct the first argument of "command:"',
      };
    case 'EACCES':
      return {
        fact: `the command of ${node} cannot be started: ${isPath ? `${program} is not executable` : `no ${program} on PATH may be executed`}`,
        fix: isPath
          ? 'make it executable (chmod +x), or start it by its interpreter: [sh, script.sh]'
          : 'install it, make it executable, or remove folders from PATH that you may not enter',
      };
    case 'E2BIG':
      return {
        fact: `the command of ${node} cannot be started: its arguments are too long for the system`,
        fix: 'read long values and gathered inputs from the file that VMFDAG_PARAMS names',
      };
    default:
      return { fact: `the command of ${node} cannot be started: ${error.message}`, fix: 'see what the system refuses' };
  }
}
