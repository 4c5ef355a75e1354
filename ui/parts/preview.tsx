import { useState } from 'preact/hooks';
import type { Preview as PreviewAnswer } from '../../src/engine/views/live/protocol.ts';
import { PreviewContent } from './preview-content.tsx';
import { Loading, Problem } from './problem.tsx';
import { useResource } from './use-resource.ts';

interface Props {
  readonly digest: string;
  readonly type: string;
  /** What it is, for readers who do not see it. */
  readonly name: string;
}

/** What is shown of an artefact: an offset counts in the list of files, or in the file that was opened. */
interface Part {
  readonly path: string | undefined;
  readonly offset: number;
}

/** An artefact, or the part of it that one can look at. */
export function Preview({ digest, type, name }: Props) {
  const [{ path, offset }, show] = useState<Part>({ path: undefined, offset: 0 });
  const { value, problem } = useResource<PreviewAnswer>('preview', { digest, type, path, offset: offset || undefined });
  if (problem) return <Problem problem={problem} />;
  return (
    <div class="preview">
      {path !== undefined && (
        <p>
          <button type="button" onClick={() => show({ path: undefined, offset: 0 })}>
            ← all files
          </button>{' '}
          <code>{path}</code>
        </p>
      )}
      {value ? (
        <PreviewContent
          preview={value}
          name={name}
          onOffset={(next) => show({ path, offset: next })}
          onPath={(next) => show({ path: next, offset: 0 })}
        />
      ) : (
        <Loading what={path ?? name} />
      )}
    </div>
  );
}
