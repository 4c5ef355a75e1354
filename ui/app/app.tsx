import { useContext, useEffect, useMemo, useRef } from 'preact/hooks';
import { type Route, readRoute } from '../address/routes.ts';
import { ActionHost } from '../parts/actions.tsx';
import { LiveContext, useLive } from '../parts/live-context.ts';
import { RouteContext, runOf } from '../parts/route-context.ts';
import { useWatched, type Watched } from '../parts/use-watched.ts';
import { ExperimentsView } from '../views/experiments/experiments-view.tsx';
import { MatrixView } from '../views/matrix/matrix-view.tsx';
import { NodeView } from '../views/node/node-view.tsx';
import { OverviewView } from '../views/overview/overview-view.tsx';
import { ResultsView } from '../views/results/results-view.tsx';
import { WorkersView } from '../views/workers/workers-view.tsx';
import { Head } from './head.tsx';
import { RunStrip } from './run-strip.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Standstill } from './standstill.tsx';

/** The page: its head, and the view that the address names. */
export function App() {
  const address = useWatched(hash);
  const route = useMemo(() => readRoute(address), [address]);
  const store = useContext(LiveContext);
  const { problem } = useLive();
  const main = useRef<HTMLElement>(null);
  const run = runOf(route);
  const node = route.view === 'node' ? route.name : undefined;
  useEffect(() => store.show(run, node), [store, run, node]);
  useViewChange(route, main);
  return (
    <RouteContext.Provider value={route}>
      <ActionHost>
        {/* biome-ignore lint/a11y/useValidAnchor: it is a link to a place; the address stays, since it names a view. */}
        <a
          class="skip"
          href="#main"
          onClick={(event) => {
            event.preventDefault();
            main.current?.focus();
          }}
        >
          Skip to the content
        </a>
        <Head />
        <RunStrip />
        <main id="main" ref={main} tabIndex={-1}>
          {problem ? <Standstill problem={problem} /> : <View route={route} />}
        </main>
        <Shortcuts />
      </ActionHost>
    </RouteContext.Provider>
  );
}

function View({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'overview':
      return <OverviewView />;
    case 'stage':
      return <MatrixView key={route.name} />;
    case 'node':
      return <NodeView key={route.name} />;
    case 'workers':
      return <WorkersView />;
    case 'experiments':
      return <ExperimentsView />;
    case 'results':
      return <ResultsView />;
    case 'unknown':
      return (
        <>
          <h1 tabIndex={-1}>There is no such view</h1>
          <p>
            <a href="#/">The overview</a> leads to all of them.
          </p>
        </>
      );
  }
}

/** The part of the address that names the view. */
const hash: Watched<string> = {
  get state() {
    return window.location.hash;
  },
  watch: (watcher) => {
    window.addEventListener('hashchange', watcher);
    return () => window.removeEventListener('hashchange', watcher);
  },
};

/** Another view has another title, and is read from its top. The first view leaves the focus where it is. */
function useViewChange({ view, name }: Route, main: { readonly current: HTMLElement | null }): void {
  const { overview } = useLive();
  const isFirst = useRef(true);
  const project = overview?.project ?? 'vmfdag';
  useEffect(() => {
    document.title = [name || (view === 'overview' ? '' : view), project].filter(Boolean).join(' · ');
  }, [view, name, project]);
  // A change of the view is what matters.
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [view, name]);
}
