import type { Result, ResultList, TargetResults } from '../../../src/engine/views/live/protocol.ts';
import { apiAddress } from '../../data/server.ts';
import { formatClock } from '../../format/time.ts';
import { useAction } from '../../parts/actions.tsx';
import { groupFormats } from '../../parts/formats.ts';
import { useLive } from '../../parts/live-context.ts';
import { Preview } from '../../parts/preview.tsx';
import { Loading, Problem } from '../../parts/problem.tsx';
import { useAddress, useRoute } from '../../parts/route-context.ts';
import { isActive } from '../../parts/states.tsx';
import { fileName, ResultItem, Target } from '../../parts/target.tsx';
import { useResource } from '../../parts/use-resource.ts';

/** The files of the targets, with how they were made. */
export function ResultsView() {
  const { name } = useRoute();
  const { overview, generation } = useLive();
  const version = `${generation} ${overview?.head.state}`;
  const { value, problem } = useResource<ResultList>('results', {}, version);
  const targets = value?.targets ?? [];
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
          <Contents targets={targets.map((target) => target.name)} shown={name} />
          {targets
            .filter((target) => name === '' || target.name === name)
            .map((target) => (
              <LiveTarget key={target.name} target={target} />
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

function LiveTarget({ target }: { readonly target: TargetResults }) {
  const perform = useAction();
  const { overview } = useLive();
  const isBusy = isActive(overview?.head);
  const run = (
    <button type="button" disabled={isBusy} onClick={() => perform({ action: 'run', targets: [target.name] })}>
      Run
    </button>
  );
  return (
    <Target target={target} actions={overview?.mayAct && run}>
      {groupFormats(target.results).map(({ shown, files }) => (
        <LiveResult key={shown.path} result={shown} files={files} isBusy={isBusy} />
      ))}
    </Target>
  );
}

interface LiveResultProps {
  readonly result: Result;
  readonly files: readonly Result[];
  readonly isBusy: boolean;
}

function LiveResult({ result, files, isBusy }: LiveResultProps) {
  const perform = useAction();
  const { overview } = useLive();
  const { path, node, type, digest, isHere, madeAt } = result;
  return (
    <ResultItem
      result={result}
      madeAt={madeAt === null ? undefined : formatClock(madeAt)}
      downloads={files.flatMap(downloadOf)}
    >
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
    </ResultItem>
  );
}

function downloadOf(file: Result) {
  const { digest, type, isHere } = file;
  const name = fileName(file);
  return digest === null || !isHere ? [] : [{ name, address: apiAddress('download', { digest, type, name }) }];
}
