import { useContext } from 'preact/hooks';
import type { RequestFailed } from '../data/server.ts';
import { LiveContext } from '../parts/live-context.ts';
import { sentences } from '../parts/problem.tsx';

/** Stands where a view would, when the server gives nothing to show. */
export function Standstill({ problem }: { readonly problem: RequestFailed }) {
  const store = useContext(LiveContext);
  const isLocked = problem.status === 401 || problem.status === 403;
  return (
    <section class="standstill" role="alert">
      <h1 tabIndex={-1}>{isLocked ? 'This page needs its token' : 'Nothing to show'}</h1>
      <p>
        {isLocked ? (
          <>
            Open the address that <code>vmfdag ui</code> has printed: the token is behind its <code>#</code>.
          </>
        ) : (
          sentences(problem)
        )}
      </p>
      {!isLocked && (
        <p>
          <button type="button" onClick={() => store.load()}>
            Try again
          </button>
        </p>
      )}
    </section>
  );
}
