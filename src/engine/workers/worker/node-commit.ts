import type { ArtefactDigest } from '../../base/digest.ts';
import type { KeyInput } from '../../keys/node-key.ts';
import { softwareDigest, type UsedSoftware } from '../../keys/software/used-software.ts';
import type { TakenArtefact } from '../../store/artefact-files.ts';
import type { NodeCommit, NodeRecord, RecordedInput, RecordedOutput, SeenReads } from '../../store/store.ts';
import type { Job, WorkerSetup } from '../protocol.ts';

/** What a node has made, and since when. */
export interface MadeOutputs {
  readonly outputs: Readonly<Record<string, RecordedOutput>>;
  readonly artefacts: ReadonlyMap<ArtefactDigest, Uint8Array | TakenArtefact>;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly reads?: SeenReads;
  readonly software?: UsedSoftware;
}

/** A commit before its log is complete: what the stage has left to the next turn of the event loop may add to it. */
export interface MadeNode extends Omit<NodeCommit, 'record'> {
  readonly record: Omit<NodeRecord, 'log'>;
}

/** A node's artefacts with the record of how they were made. */
export function nodeCommit(
  job: Job,
  { outputs, artefacts, startedAt, seconds, reads, software }: MadeOutputs,
  { host, run }: WorkerSetup,
): MadeNode {
  const { engine, variables, environment, gpus } = job.surroundings;
  return {
    artefacts,
    ...(software ? { software } : {}),
    record: {
      key: job.key,
      node: job.node,
      stage: job.stage,
      code: job.code,
      params: job.params,
      coordinates: job.coordinates,
      inputs: Object.fromEntries(job.inputs.map((input) => [input.name, recordedInput(input)])),
      compute: job.compute,
      engine,
      ...(environment === undefined ? {} : { environment }),
      ...(gpus === undefined ? {} : { gpus }),
      variables,
      outputs,
      startedAt: startedAt.toISOString(),
      seconds,
      host,
      run,
      attempt: job.attempt,
      ...(reads ? { reads } : {}),
      ...(software ? { software: softwareDigest(software) } : {}),
    },
  };
}

function recordedInput(input: KeyInput): RecordedInput {
  return input.kind === 'one' ? { kind: 'one', digest: input.digest } : { kind: 'many', items: input.items };
}
