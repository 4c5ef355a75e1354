import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { whileAlone, withStore } from '../../api/cache/open-cache.ts';
import { fingerprintsAndCompute, prepareRequest } from '../../api/project/prepare-request.ts';
import { declaredPaths, placesOfMistakes, SoftwareInUse, watchedPaths } from '../../api/project/watched-paths.ts';
import { askExecutors } from '../../api/run/ask-executors.ts';
import { isFailure } from '../../base/failure.ts';
import { printableJson } from '../../base/printable.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { Store } from '../../store/store.ts';
import { formatCount } from '../../views/terminal/format.ts';
import { openProject, type Project } from '../options/project-options.ts';
import { leaseOptions } from '../process/alone.ts';
import { Edits } from '../process/edits.ts';
import { EXIT } from '../process/exit-codes.ts';
import { goOnUnread, line } from '../process/output.ts';
import { askOptions, beginRun, labelOf, type RunningCommand, type RunOptions } from './run.ts';

/** `vmfdag run --watch`: runs, and again after every edit of what its results depend on, until Ctrl-C. */
export async function watchAndRun(options: RunOptions): Promise<number> {
  goOnUnread();
  const session = new WatchSession(options);
  try {
    return await session.run();
  } finally {
    session.close();
  }
}

interface Prepared {
  readonly project: Project;
  readonly request: RunRequest;
}

class WatchSession {
  private readonly options: RunOptions;
  private readonly label: ReturnType<typeof labelOf>;
  private readonly edits = new Edits();
  private readonly interrupted = new AbortController();
  /** Of the project. */
  private files: readonly string[];
  /** Folders, packages and software that decide results too. */
  private others: readonly string[] = [];
  /** Software that has changed after its use, and for which another run was made: one that changes with every run must not go on forever. */
  private readonly known = new Set<string>();
  private running: RunningCommand | undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.label = labelOf(options);
    this.files = [resolve(options.file)];
  }

  async run(): Promise<number> {
    const onInterrupt = () => {
      this.running?.interrupt();
      this.interrupted.abort();
      this.edits.interrupt();
    };
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onInterrupt);
    try {
      while (!this.interrupted.signal.aborted) {
        const prepared = await this.prepare();
        if (prepared && (await this.runOnce(prepared))) continue;
        if (this.interrupted.signal.aborted) break;
        this.say(
          { type: 'watching', files: this.files },
          `watching ${formatCount(this.files.length, 'file')}; Ctrl-C ends`,
        );
        await this.edits.next();
        this.edits.take();
      }
      return EXIT.interrupted;
    } finally {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    }
  }

  close(): void {
    this.edits.close();
  }

  /** Runs to the end; returns true if an edit ended the run early, or another run is needed at once. */
  private async runOnce({ project, request }: Prepared): Promise<boolean> {
    const options = leaseOptions(project.cacheDirectory, this.options.wait);
    const held = await whileAlone({ ...options, stop: this.interrupted.signal }, (store, lease) =>
      this.runAlone({ project, request }, store, lease),
    );
    return held.kind === 'used' && held.value !== 'ended';
  }

  private async runAlone(
    { project, request }: Prepared,
    store: Store,
    lease: string,
  ): Promise<'ended' | 'given up' | 'outdated'> {
    try {
      this.running = await beginRun(project, request, store, { ...this.options, lease, label: this.label });
      const ended = this.running.end().then(() => 'ended' as const);
      while ((await Promise.race([ended, this.edits.next().then(() => 'edited' as const)])) === 'edited') {
        this.edits.take();
        if (this.interrupted.signal.aborted) continue;
        const edited = await this.prepare();
        // While the file is wrong, or means the same, the run goes on.
        if (!edited || isSameWork(request, edited.request)) continue;
        this.say({ type: 'edited' }, 'edited: nodes that are still valid may finish');
        this.running.giveWayTo(edited.request);
        await ended;
        return 'given up';
      }
      return this.followSoftware(new SoftwareInUse(request, store)) ? 'outdated' : 'ended';
    } finally {
      this.running = undefined;
    }
  }

  /** Watches what commands have used. @returns whether some of it was changed since */
  private followSoftware(software: SoftwareInUse): boolean {
    this.others = [...this.others, ...software.places];
    this.watch();
    const changed = software.changed().filter((digest) => !this.known.has(digest));
    for (const digest of changed) this.known.add(digest);
    return changed.length > 0;
  }

  private watch(more: readonly string[] = []): void {
    this.edits.watch([...new Set([...this.files, ...this.others, ...more])]);
  }

  /** Reads the pipeline and bundles its stages. If that fails, it shows the reason and returns nothing. */
  private async prepare(): Promise<Prepared | undefined> {
    // From before it is read, so that no edit is missed.
    this.watch();
    let declared: readonly string[] = [];
    try {
      const project = openProject(this.options);
      declared = declaredPaths(project);
      this.watch(declared);
      return await withStore(project.cacheDirectory, async (store) => {
        const code = fingerprintsAndCompute(project, store);
        await askExecutors(project, store, code, askOptions(this.options));
        const request = await prepareRequest(project, store, this.options.target ?? [], this.options.force, code);
        const { files, others } = await watchedPaths(project, request, store, code);
        this.files = [...new Set([resolve(this.options.file), ...modulesOf(project), ...files])];
        this.others = [...others, ...new SoftwareInUse(request, store).places];
        this.watch(declared);
        return { project, request };
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.say({ type: 'broken', kind: error.kind, diagnostics: error.diagnostics }, error.message);
      this.watch([...declared, ...placesOfMistakes(error, dirname(resolve(this.options.file)))]);
      return undefined;
    }
  }

  private say(event: object, text: string): void {
    line(this.options.json ? printableJson(JSON.stringify(event)) : text);
  }
}

function modulesOf({ pipeline, root }: Project): readonly string[] {
  return [...pipeline.stages.values()].flatMap(({ program }) =>
    program.kind === 'module' ? [resolve(root, program.path)] : [],
  );
}

/** Whether two requests ask for the same nodes, made in the same way. */
function isSameWork(a: RunRequest, b: RunRequest): boolean {
  return isDeepStrictEqual(essence(a), essence(b));
}

function essence({ plan, fingerprints, compute, machines, environments, forced }: RunRequest): unknown {
  const code = new Map([...fingerprints].map(([{ name }, fingerprint]) => [name, fingerprint]));
  const nodes = plan.nodes.map(({ id, params, inputs, stage }) => ({
    id,
    params,
    inputs,
    outputs: stage.outputs,
    code: code.get(stage.name),
    machine: machines?.get(stage),
    environment: environments?.get(stage),
  }));
  return { nodes, targets: plan.targets, compute, forced };
}
