import type { RequestFailed } from '../data/server.ts';

/** An answer that did not come, with what to do about it. */
export function Problem({ problem }: { readonly problem: RequestFailed }) {
  return (
    <p class="problem" role="alert">
      {problem.message} {problem.fix}
    </p>
  );
}

/** Stands where something will be, so that nothing moves when it is there. */
export function Loading({ what }: { readonly what: string }) {
  return <p class="quiet loading">Loading {what} …</p>;
}
