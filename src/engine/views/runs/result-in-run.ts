import type { ArtefactDigest, NodeKey } from '../../base/digest.ts';
import type { Store } from '../../store/store.ts';

/** What a node had under a key when a run ended. */
export interface ResultInRun {
  readonly outputs: readonly ArtefactDigest[];
  /** What a command used of the machine. */
  readonly software: string | undefined;
  /** The declared environment of a command. */
  readonly environment: string | undefined;
}

/** @param run its id. Ids begin with the time */
export function resultInRun(
  key: NodeKey,
  run: string,
  store: Pick<Store, 'trace' | 'record' | 'earlierResults'>,
): ResultInRun | undefined {
  const [trace, record] = [store.trace(key), store.record(key)];
  const earlier = store.earlierResults(key);
  // Those that were there by then, the last first; an older run may have got the first one from another machine.
  const found = record && record.run <= run ? undefined : (earlier.findLast((each) => each.run <= run) ?? earlier[0]);
  if (found) return { outputs: found.outputs, software: found.software, environment: record?.environment };
  return trace && { outputs: trace.outputs, software: record?.software, environment: record?.environment };
}
