import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codePaths, codePlace } from '../../keys/code-files.ts';
import { stampName } from '../../keys/stage-fingerprint.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { Store } from '../../store/store.ts';
import type { Project } from './project.ts';

/** What the bundles of a request's stages come from; packages apart. */
export interface BundledSources {
  readonly files: readonly string[];
  /** Folders in which imports were looked up. */
  readonly folders: readonly string[];
}

export function bundledSources(
  { root, cacheDirectory, results }: Project,
  { plan }: RunRequest,
  store: Store,
): BundledSources {
  const stages = [...new Set(plan.nodes.map(({ stage }) => stage))];
  const stamps = stages.map(
    ({ program }) => (program.kind === 'module' && store.bundles.stamp(stampName(root, program))?.sources) || undefined,
  );
  const excluded = [cacheDirectory, results.root];
  const commandFiles = stages.flatMap(({ program, places }) =>
    program.kind === 'command' ? [...codePaths(program.code, codePlace({ root, excluded }, places)).keys()] : [],
  );
  const commandPaths = commandFiles.map((path) => ({ path: resolve(root, path) }));
  const existing = (places: readonly { readonly path: string }[]) =>
    [...new Set(places.map(({ path }) => path))].filter(
      (path) => existsSync(path) && !/[\\/]node_modules[\\/]/.test(path),
    );
  return {
    files: existing([...stamps.flatMap((sources) => sources?.files ?? []), ...commandPaths]),
    folders: existing([
      ...stamps.flatMap((sources) => sources?.folders ?? []),
      ...commandPaths.map(({ path }) => ({ path: dirname(path) })),
    ]),
  };
}
