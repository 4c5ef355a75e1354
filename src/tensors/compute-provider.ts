// Answers vmfdag's question with which backend stages compute, in a process of its own.
import { type BackendListing, listBackends, resolveCompute } from './backends/available.ts';
import { filesThatDecide } from './backends/files-that-decide.ts';
import type { ComputeIdentity } from './backends/identity.ts';

export type { BackendListing };
export { listBackends };

export type Answer =
  | { readonly kind: 'identified'; readonly identity: ComputeIdentity; readonly files: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly failure: 'usage' | 'environment';
      readonly problems: readonly { readonly fact: string; readonly fix: string }[];
    };

/**
 * @param request `{backend, threads}`: a backend's name or `auto` (the default), and the threads of one worker (1)
 * @param projectDirectory the pipeline's folder, whose `node_modules` count
 * @returns the identity, with the files that it depends on; or why there is none
 */
export function identify(request: unknown, projectDirectory: string): Answer {
  const { backend = 'auto', threads = 1 } = (request ?? {}) as {
    readonly backend?: unknown;
    readonly threads?: unknown;
  };
  if (typeof backend !== 'string' || typeof threads !== 'number' || !Number.isSafeInteger(threads) || threads < 1) {
    return {
      kind: 'refused',
      failure: 'usage',
      problems: [
        {
          fact: `the request for a backend is ${JSON.stringify(request)}`,
          fix: 'write for example request: {backend: auto, threads: 1}',
        },
      ],
    };
  }
  const found = resolveCompute({ backend, threads }, projectDirectory);
  return found.kind === 'identified' ? { ...found, files: filesThatDecide(projectDirectory) } : found;
}
