import { hash } from 'node:crypto';
import { isFailure } from '../../base/failure.ts';
import { neededStages } from '../../plan/build-plan.ts';
import type { RunListener, RunSummary } from '../../run/events.ts';
import { InstalledSoftware } from '../../staleness/installed-software.ts';
import type { Store } from '../../store/store.ts';
import { keyIngredients, type StageFingerprints } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';
import { type PublishedResults, publishResults } from './publish-results.ts';
import { type AskedFor, askedDigest, runId, runRecord } from './run-record.ts';

/** Inserted by the build: a digest of this program, since another version may make other keys of the same request. */
declare const VMFDAG_BUILD: string | undefined;

/** A request by its digests, without its plan. */
export interface NamedRequest {
  /** As in the records of runs. */
  readonly asked: string;
  /** The name under which the request is confirmed to be up to date. */
  readonly name: string;
}

/**
 * Names a request without planning it: by the pipeline file, the params, the targets, the code of all stages that they may need, the compute
 * identity, and this program. Undefined where that is impossible; planning it will show why.
 */
export async function nameRequest(
  project: Project,
  targets: readonly string[],
  code: StageFingerprints,
): Promise<NamedRequest | undefined> {
  if (typeof VMFDAG_BUILD === 'undefined') return undefined;
  try {
    const stages = neededStages(project.pipeline, targets.length > 0 ? { targets } : {});
    // Metrics decide there too, and a revision does not say that they are the same.
    if (stages.some(({ name }) => (project.pipeline.stages.get(name)?.stop.length ?? 0) > 0)) return undefined;
    const asked = askedDigest(project, await keyIngredients(project, stages, code), targets);
    return { asked, name: hash('sha256', JSON.stringify([VMFDAG_BUILD, asked])) };
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/**
 * Runs a request that was found up to date before, with no result removed or replaced since. It neither plans nor looks at any node.
 * Call it while this process holds the lease of the cache.
 *
 * @returns the targets' files, which are written where they are missing or wrong; undefined if the request was not confirmed, software that
 *   commands used has changed, or bytes that it publishes are missing
 */
export async function runIfConfirmed(
  project: Project,
  { asked, name }: NamedRequest,
  store: Store,
  options: AskedFor & { readonly listener: RunListener },
): Promise<PublishedResults | undefined> {
  const started = performance.now();
  // Read now, not before waiting for the lease.
  store.refresh();
  const confirmation = store.confirmation(name);
  if (!confirmation?.files.every(({ digest }) => store.hasArtefact(digest))) return undefined;
  const installed = new InstalledSoftware();
  if (confirmation.software.some((digest) => installed.changes(digest, store)?.length !== 0)) return undefined;
  const id = runId();
  const counts = {
    executed: 0,
    restored: 0,
    audited: 0,
    fetched: 0,
    upToDate: confirmation.nodes,
    cutOff: 0,
    failed: 0,
    skipped: 0,
  };
  const seconds = (performance.now() - started) / 1000;
  const record = { ...runRecord(id, project, options, asked), state: 'done' as const, seconds, counts };
  const summary: RunSummary = { type: 'summary', outcome: 'done', ...counts, misconfigured: 0, seconds };
  options.listener(summary);
  await Promise.all([store.shareManifest(id, confirmation.run), store.putRun(record)]);
  const paths = confirmation.files.map(({ path }) => path);
  return publishResults(id, confirmation.files, paths, project, store);
}
