import { isDeepStrictEqual } from 'node:util';
import type { ArtefactDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { outputDigests } from '../store/output-order.ts';
import type { NodeCommit, Store } from '../store/store.ts';
import type { Job } from '../workers/protocol.ts';
import type { BlobExchange } from './blob-exchange.ts';
import { disclose } from './enclosed.ts';
import type { FromUnit, MadeNode } from './messages.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** How a unit says that it has made a node. */
export interface Delivery extends Pick<Extract<FromUnit, { type: 'ended' }>, 'enclosed' | 'large'> {
  readonly made: MadeNode;
  readonly body: Buffer;
}

/**
 * Commits what a unit has made to the run's store: the artefacts that it lacks, then the record.
 * @throws {Failure} kind `store` where the store cannot be written, or the record is not that of the job
 */
export async function keepMade(
  job: Job,
  { made: { record, metrics, software }, enclosed, large, body }: Delivery,
  { store, results }: Pick<UnitsOfRun, 'store' | 'results'>,
  exchange: BlobExchange,
  executor: string,
): Promise<{ readonly outputs: readonly ArtefactDigest[] }> {
  const types = Object.fromEntries(Object.entries(record.outputs).map(([name, { type }]) => [name, type]));
  if (record.key !== job.key || record.node !== job.node || !isDeepStrictEqual(types, { ...job.outputs })) {
    throw new Failure('store', { fact: `a unit has answered with the record of ${record.node} for ${job.node}` });
  }
  const outputs = outputDigests(record);
  const given = disclose(enclosed, body);
  // What the shared cache has lost comes over the connection.
  await results?.take(large.filter(({ digest }) => outputs.includes(digest)));
  await exchange.ensure(outputs.filter((digest) => !given.has(digest)));
  const artefacts = new Map([...given].filter(([digest]) => outputs.includes(digest)));
  const commit: NodeCommit = {
    record: { ...record, executor },
    artefacts,
    metrics,
    ...(software ? { software } : {}),
  };
  await keep(job, commit, outputs, store);
  return { outputs };
}

/** As a worker keeps what it has made. */
function keep({ purpose }: Job, commit: NodeCommit, outputs: readonly ArtefactDigest[], store: Store): Promise<void> {
  if (purpose.kind !== 'restore') return store.commit(commit);
  if (purpose.expected !== 'any bytes') return store.restore(commit);
  const recorded = store.trace(commit.record.key)?.outputs;
  return isDeepStrictEqual(recorded, outputs) ? store.restore(commit) : store.commit(commit);
}
