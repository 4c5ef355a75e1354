import { type BackendListing, listBackends } from '../../compute/list-backends.ts';
import type { Project } from './project.ts';

/** The backends that the project's provider knows, available here or not. This executes the provider's package. */
export function backendsOf({ pipeline, root }: Project): readonly BackendListing[] {
  return listBackends(pipeline.compute?.provider, root);
}
