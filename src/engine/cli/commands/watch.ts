import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { whileAlone, withStore } from '../../api/cache/open-cache.ts';
import { bundledSources } from '../../api/project/bundled-sources.ts';
import { fingerprintsAndCompute, prepareRequest } from '../../api/project/prepare-request.ts';
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

/** `vmfdag run --watch`: runs, and again after every edit of the pipeline file or of the code that its stages reach, until Ctrl-C. */
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
  private files: readonly string[];
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

  /** Runs to the end; returns true if an edit ended the run early. */
  private async runOnce({ project, request }: Prepared): Promise<boolean> {
    const options = leaseOptions(project.cacheDirectory, this.options.wait);
    const held = await whileAlone({ ...options, stop: this.interrupted.signal }, (store, lease) =>
      this.runAlone({ project, request }, store, lease),
    );
    return held.kind === 'used' && held.value === 'given up';
  }

  private async runAlone({ project, request }: Prepared, store: Store, lease: string): Promise<'ended' | 'given up'> {
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
      return 'ended';
    } finally {
      this.running = undefined;
    }
  }

  /** Reads the pipeline and bundles its stages. If that fails, it shows the reason and returns nothing. */
  private async prepare(): Promise<Prepared | undefined> {
    // From before it is read, so that no edit is missed.
    this.edits.watch(this.files);
    try {
      const project = openProject(this.options);
      const modules = [...project.pipeline.stages.values()].flatMap(({ program }) =>
        program.kind === 'module' ? [resolve(project.root, program.path)] : [],
      );
      this.files = [...new Set([...this.files, ...modules])];
      return await withStore(project.cacheDirectory, async (store) => {
        const code = fingerprintsAndCompute(project, store);
        await askExecutors(project, store, code, askOptions(this.options));
        const request = await prepareRequest(project, store, this.options.target ?? [], this.options.force, code);
        const sources = bundledSources(project, request, store);
        this.files = [
          ...new Set([resolve(this.options.file), ...modules, ...sources.files, ...(await code.watched())]),
        ];
        // An import may resolve to a file that is new in a folder.
        this.edits.watch([...this.files, ...sources.folders]);
        return { project, request };
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.say({ type: 'broken', kind: error.kind, diagnostics: error.diagnostics }, error.message);
      this.edits.watch(this.files);
      return undefined;
    }
  }

  private say(event: object, text: string): void {
    line(this.options.json ? printableJson(JSON.stringify(event)) : text);
  }
}

/** Whether two requests ask for the same nodes, made in the same way. */
function isSameWork(a: RunRequest, b: RunRequest): boolean {
  return isDeepStrictEqual(essence(a), essence(b));
}

function essence({ plan, fingerprints, compute, machines, forced }: RunRequest): unknown {
  const code = new Map([...fingerprints].map(([{ name }, fingerprint]) => [name, fingerprint]));
  const nodes = plan.nodes.map(({ id, params, inputs, stage }) => ({
    id,
    params,
    inputs,
    outputs: stage.outputs,
    code: code.get(stage.name),
    machine: machines?.get(stage),
  }));
  return { nodes, targets: plan.targets, compute, forced };
}
