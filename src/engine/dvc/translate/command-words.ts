import type { ProjectFiles } from '../project-files.ts';

const SCRIPT = /\.(py|ipynb|sh|bash|zsh|R|r|Rmd|qmd|jl|pl|rb|js|mjs|cjs|ts|lua|m|sql|awk|sed)$/;
const SETTINGS = /\.(ya?ml|toml|cfg|ini|conf|env)$|(?:^|\/)(Makefile|makefile|Snakefile)$/;

/** Code has to be small: it is read for each key. */
const CODE_BYTES = 16 * 1024 * 1024;

/** Variables that every command has, or that the shell sets itself. */
const OWN_VARIABLES = new Set([
  'PATH',
  'HOME',
  'PWD',
  'OLDPWD',
  'TMPDIR',
  'LANG',
  'TZ',
  'RANDOM',
  'SECONDS',
  'IFS',
  'PIPESTATUS',
  'LINENO',
  'PPID',
  'UID',
  'OPTARG',
  'OPTIND',
]);

export function isScript(path: string): boolean {
  return SCRIPT.test(path);
}

/** Whether a dependency is code rather than data. Both count by content, so only the place in the new file differs. */
export function isCode(path: string, files: ProjectFiles): boolean {
  // A command finds its inputs and outputs in folders of these names.
  if (/^(inputs|outputs|\.vmfdag)(\/|$)/.test(path)) return false;
  if (files.kindOf(`${path}.dvc`) === 'file') return false;
  if (files.kindOf(path) === 'file') return isScript(path) || SETTINGS.test(path);
  const below = files.filesBelow(path);
  const bytes = below.reduce((sum, file) => sum + file.bytes, 0);
  return below.some((file) => isScript(file.path)) && bytes <= CODE_BYTES;
}

/** Files of the project that a command names, and those of `python -m`. */
export function filesNamed(text: string, folder: string, files: ProjectFiles): readonly string[] {
  const below = (path: string) => (folder === '' ? path : `${folder}/${path}`).replace(/(^|\/)\.\//g, '$1');
  const words = text.split(/[\s"'`;|&()<>=,]+/).filter((word) => /^[\w.][\w./-]*$/.test(word) && !word.includes('..'));
  const modules = [...text.matchAll(/\s-m\s+([\w.]+)/g)].flatMap(([, name = '']) => {
    const path = name.replaceAll('.', '/');
    const folders = path
      .split('/')
      .slice(0, -1)
      .map((_, depth, all) => `${all.slice(0, depth + 1).join('/')}/__init__.py`);
    return [...folders, `${path}.py`, `${path}/__init__.py`, `${path}/__main__.py`];
  });
  const paths = [...words, ...modules].map(below);
  return [...new Set(paths)].filter((path) => files.kindOf(path) === 'file');
}

/** Environment variables that a command uses and does not set. */
export function variablesIn(text: string): readonly string[] {
  const used = [...text.matchAll(/\$\{?([A-Z_][A-Z0-9_]*)/g)].map(([, name = '']) => name);
  const isSet = (name: string) => new RegExp(`(^|[\\s;(])${name}=|\\b(for|read)\\s+${name}\\b`).test(text);
  return [...new Set(used)].filter((name) => !OWN_VARIABLES.has(name) && !isSet(name));
}
