import type { SourceRange } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { fileKind } from '../base/file-kind.ts';
import { printableName } from '../base/printable.ts';
import type { SourceContent } from '../pipeline/sources/source-content.ts';

/** A source of the pipeline file. */
export interface NamedSource {
  readonly name: string;
  readonly content: SourceContent;
  /** Where the file declares it, for messages. */
  readonly range: SourceRange;
}

/** A source that cannot be taken, at its place in the pipeline file. */
export function sourceProblem({ name, range }: NamedSource, fact: string, fix: string, cause?: unknown): Failure {
  return new Failure('usage', { fact: `source "${name}": ${fact}`, fix, range }, { cause });
}

/** What the file system said about a path, as a failure. */
export function unreadable(source: NamedSource, path: string, error: unknown): Failure {
  const shown = printableName(path);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return sourceProblem(
        source,
        `there is no ${shown}`,
        'put it there, or correct the path in the pipeline file',
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return sourceProblem(source, `${shown} may not be read`, 'give yourself the permission to read it', error);
    case 'ELOOP':
      return sourceProblem(
        source,
        `${shown} is a link that leads to itself`,
        'remove the link, or let it lead to a file',
        error,
      );
    default: {
      const fact = `${shown} cannot be read (${printableName((error as Error).message)})`;
      return sourceProblem(source, fact, 'check the file and the disk', error);
    }
  }
}

/** A pipe, a socket or a device might never end. */
export function notPlain(source: NamedSource, path: string, found: Parameters<typeof fileKind>[0]): Failure {
  const kind = fileKind(found);
  const fact = `${printableName(path)} is a ${kind}, and a source is made of files`;
  const fix =
    kind === 'folder'
      ? `write {files: "${printableName(path)}/**"} to take all files in it`
      : 'name a file, or remove it';
  return sourceProblem(source, fact, fix);
}

export function changedMeanwhile(source: NamedSource, path: string): Failure {
  const fact = `${printableName(path)} changed while it was being read`;
  return sourceProblem(source, fact, 'end what writes it, and run again');
}
