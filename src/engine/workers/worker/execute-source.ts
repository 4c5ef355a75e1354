import { artefactTypeOf } from '../../pipeline/sources/source-content.ts';
import { sourcePlace } from '../../sources/find-files.ts';
import { contentOfFingerprint } from '../../sources/source-fingerprint.ts';
import { type NamedSource, sourceProblem } from '../../sources/source-problem.ts';
import { takeSource } from '../../sources/take-source.ts';
import type { ArtefactFiles } from '../../store/artefact-files.ts';
import type { Job, WorkerSetup } from '../protocol.ts';
import { type MadeNode, nodeCommit } from './node-commit.ts';
import type { NodeFiles } from './node-files.ts';
import type { Observer } from './observer.ts';

/**
 * Takes a source into the store, in place of a stage.
 * @throws {Failure} if it is no longer what the run found when it began
 */
export async function executeSource(
  job: Job,
  source: NamedSource,
  store: ArtefactFiles,
  files: NodeFiles,
  setup: WorkerSetup,
  observer: Observer,
): Promise<MadeNode> {
  const startedAt = new Date();
  const started = performance.now();
  const { root, cacheDirectory } = setup;
  const place = { ...sourcePlace(root, cacheDirectory), cacheDirectory };
  const taken = await takeSource(source, place, store, observer);
  files.keep(taken);
  if (taken.digest !== contentOfFingerprint(job.code)) {
    const fact = `it changed after the run had begun, and before it was taken into the cache`;
    throw sourceProblem(source, fact, 'end what writes it, and run again');
  }
  const type = artefactTypeOf(source.content);
  return nodeCommit(
    job,
    {
      outputs: { [type]: { type, digest: taken.digest, bytes: taken.bytes } },
      artefacts: new Map([[taken.digest, taken]]),
      startedAt,
      seconds: (performance.now() - started) / 1000,
    },
    setup,
  );
}
