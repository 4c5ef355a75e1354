import { basename, dirname, join } from 'node:path';
import type { CommandProgram } from '../pipeline/stages/command.ts';
import { bytesOf, type CodeFile } from './code-file.ts';
import { ABSENT } from './file-states.ts';
import { importedPackages, importTargets, parseManifest } from './package-content.ts';
import { type PackageGraph, packageName } from './package-graph.ts';
import type { CodeStates } from './stage-fingerprint.ts';

const JAVASCRIPT = /\.[cm]?[jt]sx?$/;
const SHELL = /\.(?:ba|da|k|z)?sh$/;

const NODE = /\bnode(?:js)?\b/;
/** Options by which Node loads a module before the program. */
const LOADED_FIRST =
  /(?:^|\s)(?:--import|--require|-r|--loader|--experimental-loader)[=\s]+["']?((?:@[\w.-]+\/)?[A-Za-z0-9_][\w.-]*)/g;
/** What starts programs of installed packages. */
const STARTED = /\b(?:npx|bunx|(?:npm|pnpm|yarn) exec)\s+(?:-\S+\s+)*["']?((?:@[\w.-]+\/)?[A-Za-z0-9_][\w.-]*)/g;

export function isJavaScript({ path }: CodeFile): boolean {
  return JAVASCRIPT.test(path);
}

/**
 * The installed packages that a command may load, also those that are missing now: its JavaScript imports them, or its arguments or shell scripts name them. Undefined
 * where it names none.
 * @param from the folder from which Node looks for them
 */
export function packagesOfCommand(
  program: CommandProgram,
  files: readonly CodeFile[],
  from: string,
  states: CodeStates,
): PackageGraph | undefined {
  const modules = files.filter(isJavaScript);
  const manifests = modules.length === 0 ? [] : files.filter(({ path }) => basename(path) === 'package.json');
  const lines = [wordsOf(program), ...files.filter(({ path }) => SHELL.test(path)).map(({ content }) => content)];
  const texts = [
    ...modules.map(bytesOf),
    ...manifests.map((file) => importTargets(parseManifest(file.content).imports)),
    ...lines.filter((line) => NODE.test(line)).map((line) => Buffer.from(line)),
  ];
  const names = new Set([
    ...texts.flatMap((text) => [...importedPackages(text)]),
    ...lines.flatMap((line) => namedIn(line, from, states)),
  ]);
  return names.size === 0 ? undefined : states.packageGraph(names, from);
}

function wordsOf({ words }: CommandProgram): string {
  return words.map((word) => word.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('')).join(' ');
}

function namedIn(line: string, from: string, states: CodeStates): readonly string[] {
  const loaded = NODE.test(line) ? [...line.matchAll(LOADED_FIRST)].map(([, name = '']) => name) : [];
  const started = [...line.matchAll(STARTED)].map(([, name = '']) => packageOfProgram(name, from, states));
  return [...loaded, ...started];
}

/** The package behind the link that an installer has made for a program. It has the name of the program where there is none. */
function packageOfProgram(name: string, from: string, states: CodeStates): string {
  const NODE_MODULES = '/node_modules/';
  for (let folder = from; ; folder = dirname(folder)) {
    const place = states.files.realPath(join(folder, 'node_modules/.bin', name));
    const at = place.lastIndexOf(NODE_MODULES);
    if (place !== ABSENT && at >= 0) return packageName(place.slice(at + NODE_MODULES.length));
    if (folder === dirname(folder)) return name;
  }
}
