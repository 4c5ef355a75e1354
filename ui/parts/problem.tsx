import type { RequestFailed } from '../data/server.ts';
import { sentence } from '../format/words.ts';

/** What went wrong, and what to do about it. */
export function sentences({ message, fix }: RequestFailed): string {
  return [message, fix ?? ''].map(sentence).join(' ').trim();
}

/** An answer that did not come, with what to do about it. */
export function Problem({ problem }: { readonly problem: RequestFailed }) {
  return (
    <p class="problem" role="alert">
      {sentences(problem)}
    </p>
  );
}

/** Stands where something will be, so that nothing moves when it is there. */
export function Loading({ what }: { readonly what: string }) {
  return <p class="quiet loading">Loading {what} …</p>;
}
