import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  digestValue,
  type NodeKey,
} from '../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { FailedAttempt } from '../../../src/engine/store/failed-attempt.ts';
import type { NodeCommit, NodeRecord } from '../../../src/engine/store/store.ts';

/** Bytes that no two neighbouring lengths or fillings share. */
export function content(bytes: number, filling = 0): Uint8Array {
  const made = new Uint8Array(bytes);
  let state = filling + 1;
  for (let index = 0; index < bytes; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made[index] = state >>> 24;
  }
  return made;
}

export function recordOf(node: string, changes: Partial<NodeRecord> = {}): NodeRecord {
  return {
    key: digestValue<NodeKey>(['key', node]),
    node: node as NodeId,
    stage: node.split('/')[0] as string,
    code: digestBytes<CodeFingerprint>('code'),
    params: { batchSize: 64, names: ['a', 'é'] },
    coordinates: { architecture: 'fnn', epoch: 1 },
    inputs: {},
    compute: null,
    engine: 'V8 11.3',
    variables: {},
    outputs: {},
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: 1.25,
    host: 'here',
    run: 'run 1',
    attempt: 1,
    log: 'a line\n',
    ...changes,
  };
}

export function failedAttempt(node: string, changes: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    node: node as NodeId,
    key: digestValue<NodeKey>(['key', node]),
    attempt: 1,
    reason: 'never run',
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: 0.5,
    cause: 'stage',
    diagnostic: { fact: `${node} threw` },
    log: 'a line\n',
    ...changes,
  };
}

/** A commit of a node with outputs of these bytes. */
export function commitOf(node: string, outputs: Readonly<Record<string, Uint8Array>>): NodeCommit {
  const digests = Object.entries(outputs).map(
    ([name, bytes]) => [name, bytes, digestBytes<ArtefactDigest>(bytes)] as const,
  );
  return {
    record: recordOf(node, {
      outputs: Object.fromEntries(
        digests.map(([name, bytes, digest]) => [name, { type: 'bytes', digest, bytes: bytes.length }] as const),
      ),
    }),
    artefacts: new Map(digests.map(([, bytes, digest]) => [digest, bytes])),
  };
}
