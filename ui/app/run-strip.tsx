import type { Overview } from '../../src/engine/views/live/protocol.ts';
import type { Connection } from '../data/live-feed.ts';
import { formatCount } from '../format/numbers.ts';
import { formatClock, formatRemaining, formatSeconds } from '../format/time.ts';
import { useAction } from '../parts/actions.tsx';
import { useLive } from '../parts/live-context.ts';
import { doneOf, isActive, StateMark, totalOf } from '../parts/states.tsx';
import { useElapsed } from '../parts/use-elapsed.ts';

/** What the run does now, on every view, and the actions that it allows. */
export function RunStrip() {
  const { overview, connection, problem } = useLive();
  if (!overview || problem) return <div class="strip" />;
  const { head } = overview;
  const [done, all] = [doneOf(head.counts), totalOf(head.counts)];
  return (
    <section class="strip" aria-label="The run">
      <p>
        <StateMark state={head.run === null ? 'stale' : head.state} label={stateWords(head)} />
        {head.name && <strong>{head.name}</strong>}
        <span class="quiet">
          {formatCount(done)} of {formatCount(all)}
          <Time head={head} />
        </span>
        <AwayNotice connection={connection} />
      </p>
      <Actions overview={overview} />
      <progress max={Math.max(1, all)} value={done} aria-label="Nodes that are done">
        {done} of {all}
      </progress>
    </section>
  );
}

function stateWords(head: Overview['head']): string {
  if (head.run === null) return head.state === 'none' ? 'no run yet' : 'the pipeline now';
  return head.state;
}

function Time({ head }: { readonly head: Overview['head'] }) {
  const elapsed = useElapsed(head);
  if (head.run === null) return null;
  if (!isActive(head)) {
    return (
      <>
        {' '}
        in {formatSeconds(head.seconds)}, {formatClock(head.startedAt)}
      </>
    );
  }
  const { remaining } = head;
  const left =
    remaining.kind === 'about' || remaining.kind === 'at least' ? `, ${formatRemaining(remaining.seconds)} left` : '';
  return (
    <>
      {' '}
      after {formatSeconds(Math.floor(elapsed))}
      {left}
    </>
  );
}

function AwayNotice({ connection }: { readonly connection: Connection }) {
  return (
    <span role="status" class="problem">
      {connection === 'away' && 'The server is away; what you see may be old.'}
      {connection === 'refused' && 'The server sends no news. Load the page again.'}
    </span>
  );
}

function Actions({ overview: { head, mayAct, targets } }: { readonly overview: Overview }) {
  const perform = useAction();
  if (!mayAct) return null;
  const { run } = head;
  if (run !== null && isActive(head)) {
    return (
      <span class="buttons">
        <button
          type="button"
          disabled={head.state === 'stopping'}
          onClick={() =>
            perform(
              { action: 'stop', run },
              {
                title: 'Stop this run?',
                text: 'Running nodes finish, and no more are started. The same command goes on later.',
                verb: 'Stop',
              },
            )
          }
        >
          Stop…
        </button>
        <button
          type="button"
          class="danger"
          onClick={() =>
            perform(
              { action: 'stop now', run },
              {
                title: 'Stop this run now?',
                text: 'Running nodes are ended, and their work is lost. What is finished stays.',
                verb: 'Stop now',
              },
            )
          }
        >
          Stop now…
        </button>
      </span>
    );
  }
  return (
    <span class="buttons">
      <button type="button" onClick={() => perform({ action: 'run', targets: [] })}>
        Run
      </button>
      {targets.length > 1 && (
        <select
          aria-label="Run a target"
          value=""
          onChange={({ currentTarget }) => {
            const target = currentTarget.value;
            currentTarget.value = '';
            if (target) void perform({ action: 'run', targets: [target] });
          }}
        >
          <option value="">Run a target…</option>
          {targets.map((target) => (
            <option key={target}>{target}</option>
          ))}
        </select>
      )}
    </span>
  );
}
