import type { Overview, Remaining, RunningNode } from '../../../src/engine/views/live/protocol.ts';
import { counted, formatCount, formatNumber, formatShare } from '../../format/numbers.ts';
import { formatClock, formatRemaining, formatSeconds } from '../../format/time.ts';
import { sentence } from '../../format/words.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { Graph } from '../../parts/graph.tsx';
import { useLive } from '../../parts/live-context.ts';
import { Loading } from '../../parts/problem.tsx';
import { useAddress } from '../../parts/route-context.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { countOf, doneOf, StateBar, StateMark, totalOf } from '../../parts/states.tsx';
import { useElapsed } from '../../parts/use-elapsed.ts';
import { useIsNarrow } from '../../parts/use-is-narrow.ts';

/** More running nodes than this are counted only. */
const MOST_RUNNING = 24;

/** The run at a glance: how far it is, what is executed now, what went wrong, and the graph of its stages. */
export function OverviewView() {
  const { overview } = useLive();
  const isNarrow = useIsNarrow();
  if (!overview) return <Loading what="the run" />;
  return (
    <>
      <h1 tabIndex={-1}>{overview.project}</h1>
      <Facts overview={overview} />
      <div class="glance">
        {overview.stages.length > 0 && (
          <section class="stages-now">
            <h2>Graph</h2>
            <Graph
              graph={overview}
              direction={isNarrow ? 'tall' : 'wide'}
              criticalNodes={overview.criticalPath?.nodes}
            />
          </section>
        )}
        <div class="news">
          <Notices overview={overview} />
          {overview.running.length > 0 && <Running overview={overview} />}
          <CriticalPathLine overview={overview} />
        </div>
      </div>
      {overview.stages.length > 0 && (
        <section>
          <h2>Stages</h2>
          <StageTable overview={overview} />
        </section>
      )}
    </>
  );
}

function Facts({ overview: { head } }: { readonly overview: Overview }) {
  const elapsed = useElapsed(head);
  const [done, all] = [doneOf(head.counts), totalOf(head.counts)];
  const failed = countOf(head.counts, 'failed');
  return (
    <>
      <dl class="facts">
        <Fact name="Done" value={formatShare(done, all)} more={`${formatCount(done)} of ${counted(all, 'node')}`} />
        {head.run === null ? (
          <Fact name="To execute" value={formatCount(countOf(head.counts, 'stale'))} more="nodes are stale" />
        ) : (
          <Fact
            name="Running"
            value={formatCount(countOf(head.counts, 'running'))}
            more={head.jobs ? `of ${counted(head.jobs, 'worker')}` : ''}
          />
        )}
        <Fact name="Failed" value={formatCount(failed)} more={failed === 1 ? 'node' : 'nodes'} isBad={failed > 0} />
        <Fact
          name="Remaining"
          value={remainingOf(head.remaining)}
          more={head.remaining.kind === 'at least' ? 'at least; times of some stages are not known' : ''}
        />
        {head.run !== null && (
          <Fact name="Elapsed" value={formatSeconds(elapsed)} more={`since ${formatClock(head.startedAt)}`} />
        )}
      </dl>
      <StateBar counts={head.counts} label="Nodes" />
    </>
  );
}

function remainingOf(remaining: Remaining): string {
  switch (remaining.kind) {
    case 'none':
      return 'nothing';
    case 'not known':
      return 'not known';
    default:
      return formatRemaining(remaining.seconds);
  }
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  readonly isBad?: boolean;
}

function Fact({ name, value, more, isBad = false }: FactProps) {
  return (
    <div class={isBad ? 'bad' : ''}>
      <dt>{name}</dt>
      <dd>
        {value}
        <small>{more}</small>
      </dd>
    </div>
  );
}

function Notices({ overview: { head } }: { readonly overview: Overview }) {
  const address = useAddress();
  if (head.notices.length === 0) return null;
  return (
    <section>
      <h2>What went wrong</h2>
      <ul class="notices">
        {[...head.notices].reverse().map((notice) => (
          <li key={`${notice.at} ${notice.node} ${notice.fact}`}>
            <p>
              <StateMark state={notice.kind === 'failed' ? 'failed' : 'stale'} label={notice.kind} />{' '}
              {notice.node !== null && <a href={address('node', notice.node)}>{notice.node}</a>}{' '}
              <time class="quiet">{formatClock(notice.at)}</time>
            </p>
            <p class="said">{sentence(notice.fact)}</p>
            {notice.fix !== undefined && <p class="quiet">Fix: {notice.fix}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function StageTable({ overview }: { readonly overview: Overview }) {
  const address = useAddress();
  return (
    <Scroll label="Stages">
      <table class="stages">
        <ColumnHeads
          columns={[
            ['stage'],
            ['nodes', 'number'],
            ['done', 'number'],
            ['states', 'wide'],
            ['a node takes', 'number optional'],
            ['coordinates', 'optional'],
          ]}
        />
        <tbody>
          {overview.stages.map((stage) => (
            <tr key={stage.name}>
              <th scope="row">
                <a href={address('stage', stage.name)}>{stage.name}</a>
              </th>
              <td class="number">{formatCount(stage.nodes)}</td>
              <td class="number">{formatShare(doneOf(stage.counts), stage.nodes)}</td>
              <td class="wide">
                <StateBar counts={stage.counts} label={stage.name} />
              </td>
              <td class="number optional">{formatSeconds(stage.meanSeconds)}</td>
              <td class="quiet optional">{stage.coordinates.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Running({ overview: { running, lanes } }: { readonly overview: Overview }) {
  return (
    <section>
      <h2>Running now</h2>
      <ul class="running">
        {running.slice(0, MOST_RUNNING).map((node) => (
          <RunningItem key={node.node} node={node} lane={lanes[node.lane]} />
        ))}
      </ul>
      {running.length > MOST_RUNNING && <p class="quiet">and {formatCount(running.length - MOST_RUNNING)} more</p>}
    </section>
  );
}

function RunningItem({
  node,
  lane,
}: {
  readonly node: RunningNode;
  readonly lane: Overview['lanes'][number] | undefined;
}) {
  const address = useAddress();
  const { overview } = useLive();
  const elapsed = useElapsed(overview?.head);
  const seconds = Math.max(0, elapsed - node.start);
  return (
    <li>
      <p>
        <a href={address('node', node.node)}>{node.node}</a>{' '}
        <span class="quiet">
          {formatSeconds(seconds)}
          {node.expectedSeconds !== null && ` of about ${formatSeconds(node.expectedSeconds)}`}
          {node.attempt > 1 && `, attempt ${node.attempt}`}
          {lane && `, worker ${lane.worker}${lane.host ? ` on ${lane.host}` : ''}`}
        </span>
      </p>
      {node.fraction !== null && (
        <progress max={1} value={node.fraction} aria-label={`Progress of ${node.node}`}>
          {formatShare(node.fraction, 1)}
        </progress>
      )}
      {node.metrics.length > 0 && (
        <p class="values">
          {node.metrics.map(({ name, value, step }) => (
            <span key={name} title={`step ${step}`}>
              {name} <b>{formatNumber(value)}</b>
            </span>
          ))}
        </p>
      )}
    </li>
  );
}

function CriticalPathLine({ overview: { criticalPath } }: { readonly overview: Overview }) {
  const address = useAddress();
  if (!criticalPath || criticalPath.length === 0) return null;
  return (
    <section>
      <h2>Critical path</h2>
      <p>
        {counted(criticalPath.length, 'node')} one after the other{' '}
        {criticalPath.kind === 'taken' ? 'took' : 'will take about'} {formatSeconds(criticalPath.seconds)}. No number of
        workers makes the run shorter.
      </p>
      <details>
        <summary>The nodes</summary>
        <ol class="path">
          {criticalPath.nodes.map((node) => (
            <li key={node}>
              <a href={address('node', node)}>{node}</a>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
