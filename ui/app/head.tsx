import type { RunList } from '../../src/engine/views/live/protocol.ts';
import { addressOf, withOptions } from '../address/routes.ts';
import { formatClock } from '../format/time.ts';
import { useLive } from '../parts/live-context.ts';
import { useAddress, useRoute } from '../parts/route-context.ts';
import { useResource } from '../parts/use-resource.ts';

const VIEWS = [
  ['overview', 'Overview'],
  ['workers', 'Workers'],
  ['experiments', 'Experiments'],
  ['results', 'Results'],
] as const;

/** The views, and the run that they show. */
export function Head() {
  const { view } = useRoute();
  const { overview } = useLive();
  const address = useAddress();
  const shown = view === 'stage' || view === 'node' ? 'overview' : view;
  return (
    <header class="head">
      <a class="brand" href={address('overview')} aria-label={`${overview?.project ?? 'vmfdag'}: overview`}>
        <img src="/assets/icon.svg" alt="" width="22" height="22" />
        <span>{overview?.project ?? 'vmfdag'}</span>
      </a>
      <nav aria-label="Views">
        {VIEWS.map(([name, label]) => (
          <a key={name} href={address(name)} aria-current={shown === name ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <RunChoice />
    </header>
  );
}

/** Runs that can be chosen: more of them are in the experiments. */
const MOST_RUNS = 50;

function RunChoice() {
  const route = useRoute();
  const { overview, generation } = useLive();
  const { value } = useResource<RunList>('runs', { limit: MOST_RUNS }, `${generation} ${overview?.head.run}`);
  const chosen = route.options.run ?? 'last';
  const runs = value?.runs ?? [];
  const isListed = chosen === 'last' || chosen === 'now' || runs.some(({ run }) => run === chosen);
  return (
    <label class="run-choice">
      <span>Run</span>
      <select
        value={chosen}
        onChange={({ currentTarget: { value: run } }) => {
          window.location.hash = addressOf(withOptions(route, { run: run === 'last' ? '' : run }));
        }}
      >
        <option value="last">the last</option>
        <option value="now">the pipeline now</option>
        {!isListed && <option value={chosen}>{chosen}</option>}
        {runs.map(({ run, name, state, startedAt }) => (
          <option key={run} value={run}>
            {name ?? run}, {state}, {formatClock(startedAt)}
          </option>
        ))}
      </select>
    </label>
  );
}
