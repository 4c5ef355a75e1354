import { expect } from 'vitest';
import type { ArtefactDigest } from '../../../../src/engine/base/digest.ts';
import type { Project } from '../../support/project.ts';
import { editTo, faultsProject, VARIANTS, type Variant } from './project.ts';
import { checkStore } from './store-check.ts';

/** What a variant is to come to. */
export interface Results {
  /** Of the outputs of every node. */
  readonly digests: Readonly<Record<string, readonly string[] | null>>;
  readonly files: readonly string[];
  /** The bytes that are in the cache once this variant, and all before it, have been run. */
  readonly kept: ReadonlySet<ArtefactDigest>;
}

/** Runs all variants, one after the other, with nothing in their way. */
export async function undisturbedResults(): Promise<ReadonlyMap<Variant, Results>> {
  const project = faultsProject();
  const results = new Map<Variant, Results>();
  for (const variant of VARIANTS) {
    editTo(project, variant);
    expect(await project.run()).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    results.set(variant, {
      digests: await project.digests(),
      files: resultFiles(project),
      kept: await checkStore(project.path('cache')),
    });
  }
  return results;
}

/** The texts of the files that the project's targets publish. */
export function resultFiles(project: Project): readonly string[] {
  return [project.read('results/total.json'), project.read('results/verdict.json')];
}
