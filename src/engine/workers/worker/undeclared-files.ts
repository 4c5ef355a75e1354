import { AsyncLocalStorage } from 'node:async_hooks';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { CodeFingerprint } from '../../base/digest.ts';
import type { StageContext, StageDefinition } from '../../stage/stage.ts';
import type { ModuleJob, WorkerSetup } from '../protocol.ts';
import { hookFiles } from './file-hooks.ts';
import { OpenedFiles } from './opened-files.ts';
import { ProjectFiles } from './project-files.ts';
import { checkOpened } from './undeclared-opens.ts';

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
  watched(definition: StageDefinition, job: ModuleJob, warn: (diagnostic: Diagnostic) => void): StageDefinition {
    if (job.undeclared === 'ignore') return definition;
    const files = new OpenedFiles(this.project);
    const run = async (context: StageContext<unknown, Record<string, unknown>>) => {
      const values = await this.context.run(files, () => definition.run(context as never));
      const opened = [...(this.ofCode.get(job.code)?.list() ?? []), ...files.list()];
      const log = (line: string) => context.log(line);
      checkOpened(job, { opened, written: files.written }, this.project, { log, warn });
      return values;
    };
    return { ...definition, run: run as StageDefinition['run'] };
  }
}
