import { createRequire } from 'node:module';
import type { CodeFingerprint } from '../base/digest.ts';
import { type BundleCache, codeFingerprint, type ModuleCode } from './bundle-cache.ts';
import { areUnchanged, bundleSources, wereLeftAlone } from './bundle-sources.ts';
import { bundleStage, type StageModule } from './bundle-stage.ts';
import { FileStates } from './file-states.ts';
import { PackageContents } from './package-content.ts';
import { findPackage, type PackageGraph, packageGraph } from './package-graph.ts';
import type { KeptPythonCode } from './python/python-code.ts';

/** What the fingerprints of one command share. It reads every file, folder and package once. */
export class CodeStates {
  readonly root: string;
  readonly cache: BundleCache;
  readonly files = new FileStates();
  readonly packages: PackageContents;
  /** The Python code of commands, by what names it. */
  readonly python = new Map<string, Promise<KeptPythonCode>>();
  readonly #graphs = new Map<string, PackageGraph>();

  /** @param excluded folders in the project that hold no code: its results and its cache */
  constructor(root: string, cache: BundleCache, excluded: Iterable<string> = []) {
    this.root = root;
    this.cache = cache;
    this.packages = new PackageContents((directory) => cache.packageFacts(directory), excluded);
  }

  /** Those of some names that packages have which Node finds from the project. */
  installed(names: Iterable<string>): readonly string[] {
    return [...names].filter((name) => findPackage(name, this.root, this.files) !== undefined);
  }

  /** The packages of some import names, as Node finds them from a folder; most stages import the same ones. */
  packageGraph(names: Iterable<string>, from = this.root): PackageGraph {
    const sorted = [...names].sort();
    const name = [from, ...sorted].join('\n');
    const graph = this.#graphs.get(name) ?? packageGraph(sorted, from, this.packages, this.files);
    this.#graphs.set(name, graph);
    return graph;
  }
}

/** Raise it when more is found in the same sources, so that stages are bundled again. Fingerprints need not change. */
const FINDING = 3;

/** The name under which the cache keeps what a stage's bundle was made from. */
export function stampName(root: string, { path, exportName }: Pick<StageModule, 'path' | 'exportName'>): string {
  return `${root}\0${path}#${exportName}\0${FINDING}`;
}

/**
 * The fingerprint of a stage's code. The stage is bundled again when a file of its bundle has changed, when an import of
 * it may resolve differently, or when a package that it reaches has changed. Otherwise the last fingerprint is valid.
 *
 * @throws {Failure} kind `usage` when the module cannot be bundled
 */
export async function stageFingerprint(module: StageModule, states: CodeStates): Promise<CodeFingerprint> {
  const { root, cache, files, packages } = states;
  const name = stampName(root, module);
  const known = cache.stamp(name);
  if (known && areUnchanged(known.sources, files)) {
    const reached = states.packageGraph(Object.keys(known.packages.imported));
    if (JSON.stringify(reached) === JSON.stringify(known.packages)) {
      const fresh = packages.takeFresh();
      if (fresh.size > 0) await cache.putPackages(fresh);
      return known.fingerprint;
    }
  }

  const startedMs = Date.now();
  const bundle = await bundleStage(root, module);
  // Read again, after the bundler has read them: what was read before may be older.
  const sources = bundleSources(root, bundle.metafile, bundlerManifest(), new FileStates());
  const reached = states.packageGraph(new Set([...bundle.packages, ...states.installed(bundle.mayRequire)]));
  const { text, sourceMap } = bundle;
  const code: ModuleCode = {
    kind: 'module',
    fingerprint: codeFingerprint(text, reached),
    text,
    sourceMap,
    packages: reached,
  };
  const isSettled = wereLeftAlone(sources, startedMs);
  await cache.put({
    code,
    stamp: isSettled ? { name, sources, packages: reached } : undefined,
    packages: packages.takeFresh(),
  });
  return code.fingerprint;
}

/** Another version of the bundler may write a different text for the same sources. */
function bundlerManifest(): string {
  return createRequire(import.meta.url).resolve('esbuild/package.json');
}
