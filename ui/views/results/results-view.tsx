import type { Result, ResultList } from '../../../src/engine/views/live/protocol.ts';
import { apiAddress } from '../../data/server.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatClock, formatSeconds } from '../../format/time.ts';
import { useAction } from '../../parts/actions.tsx';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { useLive } from '../../parts/live-context.ts';
import { Params } from '../../parts/params.tsx';
import { Preview } from '../../parts/preview.tsx';
import { Loading, Problem } from '../../parts/problem.tsx';
import { useAddress, useRoute } from '../../parts/route-context.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { isActive, StateMark } from '../../parts/states.tsx';
import { useResource } from '../../parts/use-resource.ts';
import { groupFormats } from './formats.ts';

/** The files of the targets, with how they were made. */
export function ResultsView() {
  const { name } = useRoute();
  const { overview, generation } = useLive();
  const version = `${generation} ${overview?.head.state}`;
  const { value, problem } = useResource<ResultList>('results', {}, version);
  const targets = [...new Set(value?.results.map(({ target }) => target))];
  const shown = name === '' ? targets : targets.filter((target) => target === name);
  return (
    <>
      <h1 tabIndex={-1}>Results</h1>
      {problem && <Problem problem={problem} />}
      {!value && !problem && <Loading what="the results" />}
      {value && (
        <>
          <p class="quiet">
            Published in <code>{value.folder}</code>
          </p>
          {targets.length === 0 && <p class="quiet">No target publishes a file.</p>}
          <Contents targets={targets} shown={name} />
          {shown.map((target) => (
            <Target key={target} target={target} results={value.results.filter((result) => result.target === target)} />
          ))}
        </>
      )}
    </>
  );
}

function Contents({ targets, shown }: { readonly targets: readonly string[]; readonly shown: string }) {
  const address = useAddress();
  if (targets.length < 2) return null;
  return (
    <nav class="contents" aria-label="Targets">
      <a href={address('results')} aria-current={shown === '' ? 'true' : undefined}>
        all
      </a>
      {targets.map((target) => (
        <a key={target} href={address('results', target)} aria-current={shown === target ? 'true' : undefined}>
          {target}
        </a>
      ))}
    </nav>
  );
}

function Target({ target, results }: { readonly target: string; readonly results: readonly Result[] }) {
  const perform = useAction();
  const { overview } = useLive();
  const isBusy = isActive(overview?.head);
  return (
    <section class="target">
      <h2>
        {target}
        {overview?.mayAct && (
          <button type="button" disabled={isBusy} onClick={() => perform({ action: 'run', targets: [target] })}>
            Run
          </button>
        )}
      </h2>
      {groupFormats(results).map(({ shown, files }) => (
        <ResultItem key={shown.path} result={shown} files={files} isBusy={isBusy} />
      ))}
    </section>
  );
}

interface ItemProps {
  readonly result: Result;
  /** What can be downloaded: the result, and other formats of it. */
  readonly files: readonly Result[];
  readonly isBusy: boolean;
}

function ResultItem({ result, files, isBusy }: ItemProps) {
  const address = useAddress();
  const perform = useAction();
  const { overview } = useLive();
  const { path, node, output, type, digest, isHere, madeAt, run } = result;
  return (
    <article class="result">
      <h3>{path}</h3>
      <p class="quiet">
        <StateMark state={result.state} /> · from <a href={address('node', node)}>{node}</a>.{output}
        {madeAt !== null && ` · made ${formatClock(madeAt)}`}
        {run !== null && ` in run ${run}`}
        {files.map((file) => (
          <Download key={file.path} file={file} label={files.length > 1 ? `download ${nameOf(file)}` : 'download'} />
        ))}
      </p>
      {digest !== null && isHere && <Preview digest={digest} type={type} name={path} />}
      {digest !== null && !isHere && (
        <p>
          Its bytes are evicted.{' '}
          {overview?.mayAct && (
            <button type="button" disabled={isBusy} onClick={() => perform({ action: 'fetch', targets: [node] })}>
              Fetch them
            </button>
          )}
        </p>
      )}
      {result.provenance.length > 0 && (
        <details>
          <summary>Where it comes from</summary>
          <Provenance result={result} />
        </details>
      )}
    </article>
  );
}

function Download({ file, label }: { readonly file: Result; readonly label: string }) {
  const { digest, type, isHere } = file;
  if (digest === null || !isHere) return null;
  return (
    <>
      {' · '}
      <a href={apiAddress('download', { digest, type, name: nameOf(file) })}>{label}</a>
    </>
  );
}

/** Without its folders. */
function nameOf({ path }: Result): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function Provenance({ result }: { readonly result: Result }) {
  const address = useAddress();
  return (
    <Scroll label={`Where ${result.path} comes from`}>
      <table class="provenance">
        <ColumnHeads
          columns={[
            ['stage'],
            ['nodes', 'number'],
            ['time', 'number'],
            ['code'],
            ['computed by'],
            ['hosts'],
            ['params'],
          ]}
        />
        <tbody>
          {result.provenance.map((part) => (
            <tr key={part.stage}>
              <th scope="row">
                <a href={address('stage', part.stage)}>{part.stage}</a>
              </th>
              <td class="number">{formatCount(part.nodes)}</td>
              <td class="number">{formatSeconds(part.seconds)}</td>
              <td>
                {part.code.map((code) => (
                  <code key={code} title={code}>
                    {code.slice(0, 12)}{' '}
                  </code>
                ))}
              </td>
              <td>{[...part.compute, ...part.environment].join(', ')}</td>
              <td>{part.hosts.join(', ')}</td>
              <td>
                {part.params.map(({ params, nodes }) => (
                  <div key={JSON.stringify(params)}>
                    {part.params.length > 1 && <span class="quiet">{formatCount(nodes)} nodes:</span>}
                    <Params params={params} empty="none" />
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
