import { posix } from 'node:path';
import picomatch from 'picomatch';

/** Globs of one source, read. Paths are as the globs write them: relative to the project's folder, or absolute. */
export interface Globs {
  /** The deepest folder that all globs name. Paths in the artefact are relative to it. */
  readonly base: string;
  /** Where to look. None of them is inside another one. */
  readonly tops: readonly GlobTop[];
  readonly matches: (path: string) => boolean;
  /** Whether a glob with `!` takes out all that a folder could hold. */
  readonly passesOver: (folder: string) => boolean;
  /** Whether a glob names folders that are passed over otherwise. */
  readonly wantsHidden: boolean;
  readonly wantsPackages: boolean;
  /** The globs that take files, with what each of them matches alone. */
  readonly parts: readonly { readonly glob: string; readonly matches: (path: string) => boolean }[];
}

export interface GlobTop {
  readonly folder: string;
  /** How many folders deep its files can be. */
  readonly depth: number;
}

/** With `s`, names that hold line ends match too. */
const OPTIONS = { flags: 's', dot: false } as const;

/** No glob means this one file. */
const ANY_NAME = '\u{f0000}';

/** Reads the globs of a source. */
export function readGlobs(written: readonly string[]): Globs {
  const taking = written.filter((glob) => !glob.startsWith('!')).map((glob) => posix.normalize(glob));
  const ignore = written.filter((glob) => glob.startsWith('!')).map((glob) => posix.normalize(glob.slice(1)));
  const options = { ...OPTIONS, ignore };
  const isTakenOut = ignore.length > 0 ? picomatch(ignore, { ...OPTIONS, dot: true }) : () => false;
  const tops = taking.map(topOf);
  return {
    base: tops.map(({ folder }) => folder).reduce(commonFolder),
    tops: outermost(tops),
    matches: picomatch(taking, options),
    passesOver: (folder) => isTakenOut(`${folder}/${ANY_NAME}`),
    wantsHidden: taking.some((glob) => /(^|\/)\.[^./]/.test(glob)),
    wantsPackages: taking.some((glob) => glob.includes('node_modules')),
    parts: taking.map((glob) => ({ glob, matches: picomatch(glob, options) })),
  };
}

function topOf(glob: string): GlobTop {
  const scanned = picomatch.scan(glob);
  const folder = scanned.isGlob ? scanned.base : posix.dirname(glob);
  const rest = glob.slice(scanned.isGlob ? scanned.base.length : folder === '.' ? 0 : folder.length);
  const depth = glob.includes('**') ? Number.POSITIVE_INFINITY : rest.split('/').filter((part) => part !== '').length;
  return { folder: folder === '' ? '.' : folder, depth };
}

function commonFolder(a: string, b: string): string {
  if (isWithin(a, b)) return b;
  for (let folder = a; ; folder = posix.dirname(folder)) if (isWithin(b, folder)) return folder;
}

function isWithin(path: string, folder: string): boolean {
  if (path === folder || folder === '/') return true;
  return folder === '.' ? !posix.isAbsolute(path) && !path.startsWith('..') : path.startsWith(`${folder}/`);
}

function outermost(tops: readonly GlobTop[]): readonly GlobTop[] {
  const folders = new Map<string, number>();
  for (const { folder } of tops) {
    const inside = tops.filter((top) => isWithin(top.folder, folder));
    // A glob further down may go deeper than those above: then all is looked through.
    const depth = inside.some((top) => top.folder !== folder)
      ? Number.POSITIVE_INFINITY
      : Math.max(...inside.map((top) => top.depth));
    folders.set(folder, depth);
  }
  return [...folders]
    .filter(([folder]) => ![...folders.keys()].some((other) => other !== folder && isWithin(folder, other)))
    .map(([folder, depth]) => ({ folder, depth }));
}
