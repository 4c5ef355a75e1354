import type { PlanTarget } from '../../plan/plan.ts';
import type { ResultFile, Store } from '../../store/store.ts';
import { type Leftover, leftoversIn } from '../../views/results/leftovers.ts';
import {
  type ResultSettings,
  readResultsManifest,
  withPublished,
  writeResultsManifest,
} from '../../views/results/results-manifest.ts';
import type { Project } from '../project/project.ts';
import { publishSoundFiles } from './publish-sound-files.ts';
import { overridesOf } from './run-record.ts';

/** What a run leaves in the folder of results. */
export interface PublishedResults {
  /** Paths of the targets' files that are up to date now. */
  readonly files: readonly string[];
  /** Files of earlier runs that do not belong to them. */
  readonly leftovers: readonly Leftover[];
}

/**
 * Writes the files of a run's targets, and the manifest of the folder.
 * @param asked paths of the files that the run was asked for, whether they were made or not
 * @throws {Failure} as `publishSoundFiles` does
 */
export async function publishResults(
  run: string,
  files: readonly ResultFile[],
  asked: readonly string[],
  project: Project,
  store: Store,
): Promise<PublishedResults> {
  const { pipeline, results } = project;
  const earlier = readResultsManifest(results.directory);
  const written = new Map(earlier.map(({ path, digest }) => [path, digest]));
  const published = await publishSoundFiles(files, store, results, written);
  const settings: ResultSettings = { profile: pipeline.profile ?? null, set: overridesOf(project) };
  const entries = withPublished(earlier, files, run, settings);
  const { leftovers, gone } = leftoversIn(results.directory, entries, {
    published: new Set(files.map(({ path }) => path)),
    asked: new Set(asked),
    declared: new Set([...pipeline.targets.values()].flatMap((target) => target.files.map(({ path }) => path))),
    settings,
  });
  writeResultsManifest(
    results,
    earlier,
    entries.filter((entry) => !gone.has(entry)),
  );
  return { files: published, leftovers };
}

export function askedPaths(targets: readonly PlanTarget[]): readonly string[] {
  return targets.flatMap(({ files }) => files.map(({ path }) => path));
}
