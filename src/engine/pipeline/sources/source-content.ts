/** What a source takes into the cache. Paths are relative to the folder of the pipeline file, or absolute. */
export type SourceContent =
  | { readonly kind: 'file'; readonly path: string }
  /** Globs; those that begin with `!` take files out. */
  | { readonly kind: 'files'; readonly globs: readonly string[] }
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string };

/** The type of a source's artefact, which is also the name of its output. */
export function artefactTypeOf({ kind }: SourceContent): 'file' | 'directory' {
  return kind === 'files' ? 'directory' : 'file';
}
