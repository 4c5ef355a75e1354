import { backends } from './backends.ts';
import type { Availability, ComputeIdentity } from './identity.ts';

export interface ComputeRequest {
  /** A backend's name, or `auto` for the fastest one that is available. */
  readonly backend: string;
  /** Threads that a stage may use; the identity holds no more than the backend can use. */
  readonly threads: number;
}

/** One row of what `vmfdag doctor` shows. */
export type BackendListing = { readonly name: string } & Availability;

export type Resolved =
  | { readonly kind: 'identified'; readonly identity: ComputeIdentity }
  | {
      readonly kind: 'refused';
      /** `usage` for an unknown name, `environment` for a backend that this machine lacks. */
      readonly failure: 'usage' | 'environment';
      readonly problems: readonly { readonly fact: string; readonly fix: string }[];
    };

/** Decides what stages compute with, without loading TensorFlow.js, which takes half a second. */
export function resolveCompute(request: ComputeRequest, fromDirectory: string): Resolved {
  const asked = backends.filter(({ name, automatic }) =>
    request.backend === 'auto' ? automatic : name === request.backend,
  );
  if (asked.length === 0) {
    const names = ['auto', ...backends.map(({ name }) => name)].join(', ');
    return {
      kind: 'refused',
      failure: 'usage',
      problems: [{ fact: `there is no backend named "${request.backend}"`, fix: `there are ${names}` }],
    };
  }
  const missing: Extract<BackendListing, { kind: 'unavailable' }>[] = [];
  for (const { name, availability } of asked) {
    const found = availability(fromDirectory);
    if (found.kind === 'available') {
      const threads = Math.max(1, Math.min(request.threads, found.maximumThreads));
      return { kind: 'identified', identity: { backend: name, version: found.version, threads } };
    }
    missing.push({ name, ...found });
  }
  return {
    kind: 'refused',
    failure: 'environment',
    problems: missing.map(({ name, reason, fix }) => ({
      fact: `the backend "${name}" is not available: ${reason}`,
      fix,
    })),
  };
}

/** All known backends, fastest first, with their versions or the reason and the fix for their absence. */
export function listBackends(fromDirectory: string): readonly BackendListing[] {
  return backends.map(({ name, availability }) => ({ name, ...availability(fromDirectory) }));
}
