import type { ComponentChildren } from 'preact';
import type { Result, TargetResults } from '../../src/engine/views/live/protocol.ts';
import { counted, formatBytes, formatCount } from '../format/numbers.ts';
import { formatSeconds } from '../format/time.ts';
import { ProvenanceTable } from './provenance.tsx';
import { useAddress } from './route-context.ts';
import { StateMark } from './states.tsx';

interface TargetProps {
  readonly target: Omit<TargetResults, 'results'>;
  /** Next to its name. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A target: what it is, its files, and where they come from. */
export function Target({ target: { name, description, provenance }, actions, children }: TargetProps) {
  const { nodes, stale, seconds, stages } = provenance;
  return (
    <section class="target" id={`target-${name}`}>
      <h2>
        {name}
        {actions}
      </h2>
      {description !== null && <p>{description}</p>}
      {stale > 0 && (
        <p class="problem">
          {`Not up to date: ${formatCount(stale)} of ${counted(nodes, 'node')} ${stale === 1 ? 'has' : 'have'} to run. `}
          <code>{`vmfdag run ${name}`}</code> makes it.
        </p>
      )}
      {children}
      <details>
        <summary>{`Where it comes from: ${counted(nodes, 'node')}, ${formatSeconds(seconds)} of work`}</summary>
        <ProvenanceTable stages={stages} label={`Where ${name} comes from`} />
      </details>
    </section>
  );
}

interface ResultProps {
  readonly result: Result;
  /** When it was made, as the page writes times. */
  readonly madeAt: string | undefined;
  /** What can be downloaded: the file, and other formats of it. */
  readonly downloads: readonly { readonly name: string; readonly address: string }[];
  /** What there is to see of it. */
  readonly children: ComponentChildren;
}

/** A file of a target: what made it, and what it holds. */
export function ResultItem({ result, madeAt, downloads, children }: ResultProps) {
  const address = useAddress();
  const { path, node, output, digest, bytes, state, run } = result;
  return (
    <article class="result">
      <h3>{path}</h3>
      <p class="quiet">
        <StateMark state={state} /> · from <a href={address('node', node)}>{node}</a>.{output}
        {bytes !== null && ` · ${formatBytes(bytes)}`}
        {digest !== null && (
          <>
            {' · '}
            <code title={digest}>{digest.slice(0, 12)}</code>
          </>
        )}
        {madeAt !== undefined && ` · made ${madeAt}`}
        {run !== null && ` in run ${run}`}
        {downloads.map((file) => (
          <span key={file.name}>
            {' · '}
            <a href={file.address} download={file.name}>
              {downloads.length > 1 ? `download ${file.name}` : 'download'}
            </a>
          </span>
        ))}
      </p>
      {children}
    </article>
  );
}

/** The name of a result's file without its folders. */
export function fileName({ path }: Pick<Result, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
