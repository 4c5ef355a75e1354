import type { ArtefactDigest } from '../base/digest.ts';
import { type KeyInput, nodeKey, type StageKey } from '../keys/node-key.ts';
import type { Job } from './protocol.ts';

/** An output of a job that may not have ended yet. */
export interface AwaitedOutput {
  readonly job: number;
  readonly output: string;
}

/** A step of a chain that is sent before the steps are done which it follows: what it reads of them, and so its key, is known where they are executed. */
export type JobAhead = Omit<Job, 'key' | 'inputs'> & {
  readonly stageKey: StageKey;
  readonly inputs: readonly KeyInput<ArtefactDigest | AwaitedOutput>[];
};

export function isAhead(job: Job | JobAhead): job is JobAhead {
  return 'stageKey' in job;
}

/** The job, once all that it reads was made. @param made undefined for what never will be */
export async function completeJob(
  { stageKey, inputs: awaited, ...rest }: JobAhead,
  made: (output: AwaitedOutput) => Promise<ArtefactDigest | undefined>,
): Promise<Job | undefined> {
  const inputs: KeyInput[] = [];
  for (const input of awaited) {
    const read = input.kind === 'one' ? [input] : input.items;
    const digests: ArtefactDigest[] = [];
    for (const { digest } of read) {
      const known = typeof digest === 'string' ? digest : await made(digest);
      if (known === undefined) return undefined;
      digests.push(known);
    }
    const of = (index: number) => digests[index] as ArtefactDigest;
    inputs.push(
      input.kind === 'one'
        ? { ...input, digest: of(0) }
        : { ...input, items: input.items.map((item, index) => ({ ...item, digest: of(index) })) },
    );
  }
  return { ...rest, key: nodeKey(stageKey, rest.coordinates, inputs), inputs };
}
