import type { NodePage, WhyPage } from '../../../src/engine/views/live/protocol.ts';
import { Loading, Problem } from '../../parts/problem.tsx';
import { useAddress } from '../../parts/route-context.ts';
import { ScrollText } from '../../parts/scroll.tsx';
import { StateSign } from '../../parts/states.tsx';
import { useResource } from '../../parts/use-resource.ts';

/** Why the node was executed, and by which rules it would be now. */
export function Why({ page }: { readonly page: NodePage }) {
  const address = useAddress();
  const { value, problem, reload } = useResource<WhyPage>('why', { node: page.node }, page.state);
  return (
    <section>
      <h2>Why</h2>
      {page.reason !== null && (
        <p>
          It was executed in this run because: <strong>{page.reason}</strong>
        </p>
      )}
      {problem && <Problem problem={problem} />}
      {!value && !problem && <Loading what="the rules" />}
      {value && (
        <>
          <p>
            <StateSign state={NOW[value.state]} /> Now it {value.summary}{' '}
            <button type="button" class="plain link" onClick={reload}>
              look again
            </button>
          </p>
          {value.causes.length > 0 && (
            <ol class="causes">
              {value.causes.map((cause) => (
                <li key={cause.node}>
                  <a href={address('node', cause.node)}>{cause.node}</a> by input <code>{cause.input}</code>:{' '}
                  {cause.text}
                </li>
              ))}
            </ol>
          )}
          {value.rules.length > 0 && (
            <details>
              <summary>The rules, in their order</summary>
              <ol class="rules">
                {value.rules.map((rule) => (
                  <li key={rule.name} class={rule.decides ? 'decides' : ''}>
                    <span class="rule">{rule.name}</span> {rule.text}
                    {rule.decides && <strong> decides</strong>}
                  </li>
                ))}
              </ol>
            </details>
          )}
          {value.diff !== null && <Diff diff={value.diff} />}
        </>
      )}
    </section>
  );
}

const NOW = { current: 'up to date', stale: 'stale', waiting: 'waiting', cutShort: 'cut short' } as const;

function Diff({ diff }: { readonly diff: string }) {
  return (
    <details open>
      <summary>What changed in its code</summary>
      <ScrollText className="diff" label="Changes of the code">
        {diff
          .replace(/\n$/, '')
          .split('\n')
          .map((line, at) => (
            <span key={at} class={classOf(line)}>{`${line}\n`}</span>
          ))}
      </ScrollText>
    </details>
  );
}

/** Names of files stand behind `---` and `+++`. */
function classOf(line: string): string {
  if (/^(---|\+\+\+|@@)/.test(line)) return 'place';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}
