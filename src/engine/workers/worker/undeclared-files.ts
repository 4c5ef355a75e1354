import { AsyncLocalStorage } from 'node:async_hooks';
import type { CodeFingerprint } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { StageContext, StageDefinition } from '../../stage/stage.ts';
import type { ModuleJob, WorkerSetup } from '../protocol.ts';
import { hookFiles } from './file-hooks.ts';
import { type OpenedFile, OpenedFiles } from './opened-files.ts';
import { isPinned, longTexts } from './pinned-files.ts';
import { ProjectFiles } from './project-files.ts';

/** How many files a message names. */
const NAMED = 5;

/**
 * Fails nodes whose stage opens a file of the project that is in no key: an edit of it would rerun nothing. The asynchronous context of a
 * call distinguishes it from what the engine itself opens.
 */
export class UndeclaredFiles {
  private readonly project: ProjectFiles;
  private readonly context = new AsyncLocalStorage<OpenedFiles>();
  /** What the code of stages opens when it is loaded, which happens once in a process. */
  private readonly ofCode = new Map<CodeFingerprint, OpenedFiles>();
  private loading: OpenedFiles | undefined;

  /** Create it before a stage is loaded. */
  constructor({ root, cacheDirectory }: Pick<WorkerSetup, 'root' | 'cacheDirectory'>) {
    this.project = new ProjectFiles(root, cacheDirectory);
    hookFiles((use, path) => (this.context.getStore() ?? this.loading)?.note(use, path));
  }

  /** Loads the code of a stage. */
  async load(job: ModuleJob, load: () => Promise<StageDefinition>): Promise<StageDefinition> {
    const files = this.ofCode.get(job.code) ?? new OpenedFiles(this.project);
    this.ofCode.set(job.code, files);
    // The context does not reach the code of every imported module.
    this.loading = files;
    try {
      return await this.context.run(files, load);
    } finally {
      this.loading = undefined;
    }
  }

  /** The stage, whose `run` fails if it or its code has opened an undeclared file, whatever it did with the error. */
  watched(definition: StageDefinition, job: ModuleJob): StageDefinition {
    if (job.undeclared === 'ignore') return definition;
    const files = new OpenedFiles(this.project);
    const run = async (context: StageContext<unknown, Record<string, unknown>>) => {
      const values = await this.context.run(files, () => definition.run(context as never));
      // No key covers it, and a run that finds the node up to date does not repeat it.
      if (files.written.length > 0) context.log(`changed files of the project: ${shown(files.written)}`);
      const opened = [...(this.ofCode.get(job.code)?.list() ?? []), ...files.list()];
      const lookedFor = opened.flatMap(({ path, use }) => (use === 'look' ? [path] : []));
      // The existence of a file decides less than its content, and stages with files of their own ask for it. So it is logged, and is no failure.
      if (lookedFor.length > 0) context.log(`looked for files of the project that are in no key: ${shown(lookedFor)}`);
      this.check(
        job,
        opened.filter(({ use }) => use !== 'look'),
      );
      return values;
    };
    return { ...definition, run: run as StageDefinition['run'] };
  }

  /** @throws {Failure} that names the files whose digest is not in the params */
  private check(job: ModuleJob, opened: readonly OpenedFile[]): void {
    if (opened.length === 0) return;
    const texts = longTexts(job.params);
    const undeclared = opened.filter(
      ({ path, use }) => use === 'list' || !isPinned(this.project.absolutePath(path), texts),
    );
    if (undeclared.length === 0) return;
    const names = [...new Set(undeclared.map(described))];
    const [what, output, it] =
      names.length === 1
        ? ['a file of the project that is', 'it an output', 'it']
        : ['files of the project that are', 'them outputs', 'them'];
    throw new Failure('usage', {
      fact: `stage ${job.stage} opened ${what} not declared: ${shown(names)}`,
      fix: `make ${output} of another stage, import ${it} in the code, or say "undeclared: ignore" in stage ${job.stage} of the pipeline file`,
    });
  }
}

function shown(names: readonly string[]): string {
  return names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');
}

function described({ path, use }: OpenedFile): string {
  return use === 'list' ? `${path} (listed)` : path;
}
