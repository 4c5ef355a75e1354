import { existsSync } from 'node:fs';
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

export function bundledSources({ root }: Project, { plan }: RunRequest, store: Store): BundledSources {
  const stages = [...new Set(plan.nodes.map(({ stage }) => stage))];
  const stamps = stages.map(
    ({ program }) => (program.kind === 'module' && store.bundles.stamp(stampName(root, program))?.sources) || undefined,
  );
  const existing = (places: readonly { readonly path: string }[]) =>
    [...new Set(places.map(({ path }) => path))].filter(
      (path) => existsSync(path) && !/[\\/]node_modules[\\/]/.test(path),
    );
  return {
    files: existing(stamps.flatMap((sources) => sources?.files ?? [])),
    folders: existing(stamps.flatMap((sources) => sources?.folders ?? [])),
  };
}
