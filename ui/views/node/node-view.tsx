import { useEffect, useState } from 'preact/hooks';
import type { MetricSeries } from '../../../src/engine/store/metric-series.ts';
import type { NodeAttempt, NodeMaking, NodeOutput, NodePage } from '../../../src/engine/views/live/protocol.ts';
import { mergeMetrics } from '../../data/merge.ts';
import { apiAddress } from '../../data/server.ts';
import { formatBytes, formatCount, formatNumber, formatShare } from '../../format/numbers.ts';
import { formatClock, formatSeconds } from '../../format/time.ts';
import { useAction } from '../../parts/actions.tsx';
import { Curves } from '../../parts/curves.tsx';
import { useDelta, useLive } from '../../parts/live-context.ts';
import { Params } from '../../parts/params.tsx';
import { Preview } from '../../parts/preview.tsx';
import { Loading, Problem } from '../../parts/problem.tsx';
import { runOf, useAddress, useOptions, useRoute } from '../../parts/route-context.ts';
import { ScrollText } from '../../parts/scroll.tsx';
import { isActive, StateMark } from '../../parts/states.tsx';
import { useElapsed } from '../../parts/use-elapsed.ts';
import { useResource } from '../../parts/use-resource.ts';
import { LogView } from './log-view.tsx';
import { Why } from './why.tsx';

/** Everything about one node. */
export function NodeView() {
  const route = useRoute();
  const { generation } = useLive();
  const { value, problem, reload } = useResource<NodePage>('node', { run: runOf(route), node: route.name }, generation);
  const [stage = '', ...rest] = route.name.split('/');
  const address = useAddress();
  return (
    <>
      <h1 tabIndex={-1} class="node-name">
        <a href={address('stage', stage)}>{stage}</a>
        {rest.map((part, at) => (
          <span key={at}>
            <span class="quiet"> / </span>
            {part}
          </span>
        ))}
      </h1>
      {problem && <Problem problem={problem} />}
      {value ? <Content key={value.node} page={value} reload={reload} /> : !problem && <Loading what="the node" />}
    </>
  );
}

function Content({ page, reload }: { readonly page: NodePage; readonly reload: () => void }) {
  const [metrics, setMetrics] = useState<readonly MetricSeries[]>(page.metrics);
  const [logEnd, setLogEnd] = useState(page.log.bytes);
  const [options, choose] = useOptions();
  useEffect(() => {
    setMetrics(page.metrics);
    setLogEnd((before) => Math.max(before, page.log.bytes));
  }, [page]);
  useDelta((delta) => {
    if (delta.node) {
      const { metrics: news, logEnd: end } = delta.node;
      setMetrics((before) => mergeMetrics(before, news));
      setLogEnd((before) => Math.max(before, end));
    }
    const running = delta.running.find(({ index }) => index === page.index);
    if (delta.nodes.index.includes(page.index) || (running?.attempt ?? 0) !== (page.running?.attempt ?? 0)) reload();
  });
  const { overview } = useLive();
  const running = overview?.running.find(({ index }) => index === page.index) ?? page.running;
  const attempt = options.attempt === undefined ? undefined : Number(options.attempt);
  return (
    <>
      <Standing page={page} running={page.state === 'running' ? running : null} />
      <div class="columns">
        <div>
          <Failure attempts={page.attempts} />
          <Why page={page} />
          {metrics.length > 0 && (
            <section>
              <h2>Metrics</h2>
              <div class="plots">
                {metrics.map((series) => (
                  <Curves
                    key={series.name}
                    title={series.name}
                    xLabel="step"
                    curves={[{ label: series.name, x: series.steps, y: series.values }]}
                  />
                ))}
              </div>
            </section>
          )}
          <section>
            <h2>Log</h2>
            <AttemptChoice
              attempts={page.attempts}
              value={attempt}
              onChange={(value) => choose({ attempt: value === undefined ? '' : String(value) })}
            />
            <LogView
              run={page.head.run ?? 'last'}
              node={page.node}
              attempt={attempt}
              end={attempt === undefined ? logEnd : 0}
            />
          </section>
          <section>
            <h2>Outputs</h2>
            {page.outputs.map((output) => (
              <Output key={output.name} output={output} node={page.node} />
            ))}
          </section>
        </div>
        <div>
          {page.params !== null && (
            <section>
              <h2>Params</h2>
              <Params params={page.params} empty="It has no params." />
            </section>
          )}
          <Inputs page={page} />
          <Attempts attempts={page.attempts} startedAt={page.head.startedAt} />
          {page.record && <Making record={page.record} />}
          <Dependents page={page} />
        </div>
      </div>
    </>
  );
}

function Standing({ page, running }: { readonly page: NodePage; readonly running: NodePage['running'] }) {
  const perform = useAction();
  const { overview } = useLive();
  const elapsed = useElapsed(overview?.head);
  const isBusy = isActive(overview?.head);
  const isEvicted = page.outputs.some(({ state }) => state === 'evicted');
  return (
    <div class="standing">
      <StateMark state={page.state} />
      {running && (
        <>
          <span class="quiet">
            for {formatSeconds(Math.max(0, elapsed - running.start))}
            {running.expectedSeconds !== null && ` of about ${formatSeconds(running.expectedSeconds)}`}
            {running.attempt > 1 && `, attempt ${running.attempt}`}
          </span>
          {running.fraction !== null && (
            <progress max={1} value={running.fraction} aria-label="Progress">
              {formatShare(running.fraction, 1)}
            </progress>
          )}
        </>
      )}
      {page.key !== null && (
        <span class="quiet">
          key <code title={page.key}>{page.key.slice(0, 12)}</code>
        </span>
      )}
      {overview?.mayAct && (
        <span class="buttons">
          <button type="button" disabled={isBusy} onClick={() => perform({ action: 'run', targets: [page.node] })}>
            Run this node
          </button>
          {isEvicted && (
            <button type="button" disabled={isBusy} onClick={() => perform({ action: 'fetch', targets: [page.node] })}>
              Fetch its bytes
            </button>
          )}
        </span>
      )}
    </div>
  );
}

/** Why the last attempt failed, in full. */
function Failure({ attempts }: { readonly attempts: readonly NodeAttempt[] }) {
  const failure = attempts.at(-1)?.failure;
  if (!failure) return null;
  return (
    <section class="failure">
      <h2>Failure</h2>
      <ScrollText label="What failed">{failure.text}</ScrollText>
    </section>
  );
}

function Output({ output, node }: { readonly output: NodeOutput; readonly node: string }) {
  const { name, type, digest, bytes, state, files } = output;
  return (
    <article class="output">
      <h3>
        {name} <span class="quiet">{type}</span>
      </h3>
      <p class="quiet">
        {state === 'not made' ? 'not made yet' : formatBytes(bytes)}
        {state === 'evicted' && ', evicted'}
        {digest !== null && (
          <>
            , <code title={digest}>{digest.slice(0, 12)}</code>
          </>
        )}
        {files.length > 0 && `, published as ${files.join(', ')}`}
        {digest !== null && state === 'here' && (
          <>
            {' · '}
            <a href={apiAddress('download', { digest, type, name: `${node.replaceAll('/', '-')}-${name}` })}>
              download
            </a>
          </>
        )}
      </p>
      {digest !== null && state === 'here' && <Preview digest={digest} type={type} name={`${name} of ${node}`} />}
    </article>
  );
}

interface AttemptChoiceProps {
  readonly attempts: readonly NodeAttempt[];
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function AttemptChoice({ attempts, value, onChange }: AttemptChoiceProps) {
  if (attempts.length < 2) return null;
  return (
    <p class="toolbar">
      <label>
        Attempt
        <select
          value={value ?? ''}
          onChange={({ currentTarget: { value: chosen } }) => onChange(chosen === '' ? undefined : Number(chosen))}
        >
          <option value="">the last</option>
          {attempts.map(({ attempt, outcome }) => (
            <option key={attempt} value={attempt}>
              {attempt} ({outcome})
            </option>
          ))}
        </select>
      </label>
    </p>
  );
}

function Inputs({ page }: { readonly page: NodePage }) {
  const address = useAddress();
  if (page.inputs.length === 0) return null;
  return (
    <section>
      <h2>Inputs</h2>
      <dl class="inputs">
        {page.inputs.map((input) => (
          <div key={input.name}>
            <dt>
              {input.name} {input.count > 1 && <span class="quiet">from {formatCount(input.count)} nodes</span>}
            </dt>
            <dd>
              <ul>
                {input.from.slice(0, 12).map((from) => (
                  <li key={`${from.node}.${from.output}`}>
                    <a href={address('node', from.node)}>{from.node}</a>
                    <span class="quiet">.{from.output}</span>
                  </li>
                ))}
                {input.count > 12 && <li class="quiet">and {formatCount(input.count - 12)} more</li>}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Attempts({
  attempts,
  startedAt,
}: {
  readonly attempts: readonly NodeAttempt[];
  readonly startedAt: string | null;
}) {
  if (attempts.length === 0) return null;
  return (
    <section>
      <h2>Attempts</h2>
      <ol class="attempts">
        {[...attempts].reverse().map((attempt) => (
          <li key={attempt.attempt}>
            <p>
              {attempt.attempt}. <StateMark state={attempt.outcome} />{' '}
              <span class="quiet">
                {attempt.outcome === 'running' ? '' : `${formatSeconds(attempt.seconds)}, `}
                worker {attempt.worker}
                {attempt.host !== undefined && ` on ${attempt.host}`}
                {attempt.executor !== undefined && ` (${attempt.executor})`}
                {startedAt !== null && `, ${formatClock(Date.parse(startedAt) + attempt.start * 1000)}`}
              </span>
            </p>
            {attempt.reason !== null && <p class="quiet">{attempt.reason}</p>}
            {attempt.failure && (
              <p class="said">
                {attempt.failure.cause}: {attempt.failure.text.split('\n', 1)[0]}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Making({ record }: { readonly record: NodeMaking }) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['run', record.run],
    ['at', formatClock(record.startedAt)],
    ['seconds', formatNumber(record.seconds)],
    ['host', record.host],
    ['executor', record.executor],
    ['code', record.code.slice(0, 12)],
    ['engine', record.engine],
    ['compute', record.compute],
    ['environment', record.environment],
    ['GPUs', record.gpus],
    ['software', record.software],
    ['adopted from', record.adoptedFrom],
    ...Object.entries(record.variables).map(([name, value]) => [`$${name}`, value ?? 'not set'] as const),
  ];
  return (
    <section>
      <h2>How it was made</h2>
      <dl class="pairs">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

function Dependents({ page }: { readonly page: NodePage }) {
  const address = useAddress();
  if (page.dependents.length === 0) return null;
  return (
    <section>
      <h2>Used by</h2>
      <ul class="dependents">
        {page.dependents.slice(0, 12).map((node) => (
          <li key={node}>
            <a href={address('node', node)}>{node}</a>
          </li>
        ))}
        {page.dependents.length > 12 && <li class="quiet">and {formatCount(page.dependents.length - 12)} more</li>}
      </ul>
    </section>
  );
}
