import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { flipBit } from '../../engine/store/tamper.ts';
import type { Project } from './project.ts';

/** Digests of the outputs of a node that is up to date, by the names of the outputs, sorted. */
async function outputsOf(
  project: Project,
  node: string,
  args: readonly string[] = [],
): Promise<readonly ArtefactDigest[]> {
  const digests = (await project.digests(args))[node];
  if (!digests) throw new Error(`${node} is not up to date`);
  return digests as readonly ArtefactDigest[];
}

/** Nodes of a stage whose first output has its bytes in the cache. */
export async function nodesWithBytes(
  project: Project,
  stage: string,
  args: readonly string[] = [],
  cache = 'cache',
): Promise<readonly string[]> {
  const digests = await project.digests(args);
  const store = openStore(project.path(cache));
  try {
    return Object.entries(digests)
      .filter(([node, outputs]) => node.startsWith(`${stage}/`) && outputs !== null)
      .filter(([, outputs]) => store.hasArtefact(outputs?.[0] as ArtefactDigest))
      .map(([node]) => node);
  } finally {
    await store.close();
  }
}

/** Turns one bit of a node's first output around in the cache, and returns the digest under which it lies. */
export async function damage(project: Project, node: string, byte = 3): Promise<ArtefactDigest> {
  const [digest] = await outputsOf(project, node);
  if (!digest) throw new Error(`${node} has no outputs`);
  await flipBit(project.path('cache'), 'artefacts', digest, byte);
  return digest;
}
