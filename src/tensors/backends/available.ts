import { suggestName } from '../../engine/base/diagnostic.ts';
import { Failure } from '../../engine/base/failure.ts';
import { backends } from './backends.ts';
import type { Availability, ComputeIdentity } from './identity.ts';

export interface ComputeRequest {
  /** A backend's name, or `auto` for the fastest one that is available. */
  readonly backend: string;
  /** Threads that a stage may use; the identity holds no more than the backend can make use of. */
  readonly threads: number;
}

/** One row of what `doctor` shows. */
export type BackendListing = { readonly name: string } & Availability;

/**
 * Decides with what the stages compute, without executing code of the project or loading TensorFlow.js (which takes half a second): keys need the answer
 * even when nothing is to be run.
 *
 * @returns the identity, or a Failure of kind `usage` for an unknown name and of kind `environment` for a backend that
 *   this machine lacks.
 */
export function resolveCompute(
  request: ComputeRequest,
  fromDirectory: string,
): { readonly identity: ComputeIdentity } | Failure {
  const asked = backends.filter(({ name, automatic }) =>
    request.backend === 'auto' ? automatic : name === request.backend,
  );
  if (asked.length === 0) {
    return new Failure('usage', {
      fact: `there is no backend named "${request.backend}"`,
      fix: suggestName(request.backend, ['auto', ...backends.map(({ name }) => name)]),
    });
  }
  const missing: Extract<BackendListing, { kind: 'unavailable' }>[] = [];
  for (const { name, availability } of asked) {
    const found = availability(fromDirectory);
    if (found.kind === 'available') {
      const threads = Math.max(1, Math.min(request.threads, found.maximumThreads));
      return { identity: { backend: name, version: found.version, threads } };
    }
    missing.push({ name, ...found });
  }
  return new Failure(
    'environment',
    missing.map(({ name, reason, fix }) => ({ fact: `the backend "${name}" is not available: ${reason}`, fix })),
  );
}

/**
 * Finds out what a backend's identity holds that only code of the project can tell. Only a run may do this: every other command makes do with what the last
 * run found out, and executes nothing.
 */
export function askBackend({ backend }: Pick<ComputeRequest, 'backend'>, fromDirectory: string): void {
  backends.find(({ name }) => name === backend)?.ask?.(fromDirectory);
}

/** All known backends, fastest first, with their versions or the reason and the fix for their absence. */
export function listBackends(fromDirectory: string): readonly BackendListing[] {
  return backends.map(({ name, availability }) => ({ name, ...availability(fromDirectory) }));
}
