import { resolve } from 'node:path';
import picomatch from 'picomatch';
import type { Failure } from '../../base/failure.ts';
import { codePlace, lookedThrough } from '../../keys/code-files.ts';
import { placesOf } from '../../keys/software/software-changes.ts';
import { recordedId } from '../../plan/recorded-id.ts';
import { InstalledSoftware } from '../../staleness/installed-software.ts';
import { isMadeElsewhere } from '../../staleness/made-elsewhere.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { Store } from '../../store/store.ts';
import { bundledSources } from './bundled-sources.ts';
import type { StageFingerprints } from './prepare-request.ts';
import type { Project } from './project.ts';

/** Where edits may change what has to run. */
export interface WatchedPaths {
  /** Of the project. */
  readonly files: readonly string[];
  /** Folders in which code is looked for, and packages that are installed or linked. */
  readonly others: readonly string[];
}

/** What decides the keys of a request's nodes. */
export async function watchedPaths(
  project: Project,
  request: RunRequest,
  store: Store,
  code: StageFingerprints,
): Promise<WatchedPaths> {
  const { files, folders } = bundledSources(project, request, store);
  const { root, cacheDirectory, results } = project;
  const stages = new Set(request.plan.nodes.map(({ stage }) => stage));
  const searched = [...stages].flatMap(({ program, places }) =>
    program.kind === 'command'
      ? lookedThrough(program.code, codePlace({ root, excluded: [cacheDirectory, results.root] }, places))
      : [],
  );
  return {
    files: [...files, ...(await code.watched())],
    others: [...folders, ...searched, ...code.watchedPackages()],
  };
}

/** What the pipeline file names, whether it is there or not: it may be what a broken pipeline lacks. */
export function declaredPaths({ root, pipeline }: Project): readonly string[] {
  const paths = [...pipeline.stages.values()].flatMap(({ program }) => {
    if (program.kind === 'module') return [program.path];
    if (program.kind === 'command') return program.code.map(baseOf);
    const { content } = program;
    if (content.kind === 'url') return [];
    return content.kind === 'file' ? [content.path] : content.globs.map(baseOf);
  });
  return paths.map((path) => resolve(root, path));
}

function baseOf(entry: string): string {
  return picomatch.scan(entry).base;
}

/** The files in which a failure shows its mistakes. */
export function placesOfMistakes({ diagnostics }: Failure, root: string): readonly string[] {
  return diagnostics.flatMap(({ range }) => (range ? [resolve(root, range.file)] : []));
}

/** The software that the last results of a request's commands were made with: it is in no key, and looked up for each run. */
export class SoftwareInUse {
  readonly #used = new Set<string>();
  readonly #store: Store;

  constructor({ plan }: RunRequest, store: Store) {
    this.#store = store;
    for (const node of plan.nodes) {
      const { program } = node.stage;
      const key = program.kind === 'command' ? store.lastKey(recordedId(node)) : undefined;
      const record = key && store.record(key);
      if (record?.software !== undefined && !isMadeElsewhere(record)) this.#used.add(record.software);
    }
  }

  get places(): readonly string[] {
    return [...this.#used].flatMap((digest) => {
      const used = this.#store.software(digest);
      return used ? placesOf(used) : [];
    });
  }

  /** Names what has changed since it was used. */
  changed(): readonly string[] {
    const now = new InstalledSoftware();
    return [...this.#used].filter((digest) => now.changes(digest, this.#store)?.length !== 0);
  }
}
