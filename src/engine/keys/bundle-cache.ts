import { type CodeFingerprint, digestValue } from '../base/digest.ts';
import type { JsonValue } from '../base/json.ts';
import type { BundleSources } from './bundle-sources.ts';
import { type CommandCode, commandCode } from './command-code.ts';
import type { PackageFacts } from './package-content.ts';
import type { PackageGraph } from './package-graph.ts';
import type { PythonCodeCache } from './python/python-code.ts';

/** Raise it when the text of bundles changes for the same sources. */
const BUNDLE_SCHEMA = 2;

/** A stage's code, ready to run. */
export type StageCode = ModuleCode | CommandCode;

export interface ModuleCode {
  readonly kind: 'module';
  readonly fingerprint: CodeFingerprint;
  /** JavaScript of the stage and the project modules that it reaches. This very text is hashed and executed. */
  readonly text: string;
  readonly sourceMap: string;
  /** The installed packages that the text reaches. */
  readonly packages: PackageGraph;
}

/** The digest of a bundle's text and of the packages that it reaches. */
export function codeFingerprint(text: string, packages: PackageGraph): CodeFingerprint {
  return digestValue<CodeFingerprint>(['stage code', BUNDLE_SCHEMA, text, packages as unknown as JsonValue]);
}

/** Code that was read from somewhere, if it is what its fingerprint says. Earlier versions kept bundles only, without a kind. */
export function soundCode(
  fingerprint: CodeFingerprint,
  found: Partial<ModuleCode> | Partial<CommandCode> | undefined,
): StageCode | undefined {
  if (found?.kind === 'command') {
    const { program, files, unresolved, packages } = found;
    if (!program || !files) return undefined;
    const code = commandCode(program, files, unresolved, packages);
    return code.fingerprint === fingerprint ? code : undefined;
  }
  const { text, packages, sourceMap = '' } = (found ?? {}) as Partial<ModuleCode>;
  if (typeof text !== 'string' || !packages || !Array.isArray(packages.packages)) return undefined;
  const isSound = codeFingerprint(text, packages) === fingerprint;
  return isSound ? { kind: 'module', fingerprint, text, sourceMap, packages } : undefined;
}

/** What a bundle was made from. While all of it is the same, the fingerprint is the same. */
export interface BundleStamp {
  readonly sources: BundleSources;
  readonly packages: PackageGraph;
}

/** What one fingerprint adds to the cache. */
export interface BundleEntry {
  readonly code: StageCode;
  /** Undefined if a file was written while it was bundled. Then it is bundled again the next time. */
  readonly stamp: (BundleStamp & { readonly name: string }) | undefined;
  /** By folder. */
  readonly packages: ReadonlyMap<string, PackageFacts>;
}

/** Where fingerprints and code are kept between runs; the store implements it. */
export interface BundleCache extends PythonCodeCache {
  /** The last fingerprint of a stage, with what it was made from; undefined if the code is missing. */
  stamp(name: string): (BundleStamp & { readonly fingerprint: CodeFingerprint }) | undefined;
  /** What was last read of an installed package. */
  packageFacts(directory: string): PackageFacts | undefined;
  /** Undefined for code that is missing or damaged. */
  code(fingerprint: CodeFingerprint): StageCode | undefined;
  /** Keeps what was read of packages, by folder, until the next time. */
  putPackages(packages: ReadonlyMap<string, PackageFacts>): Promise<void>;
  /** Keeps the code forever, and stamp and packages until the next ones of the same names. */
  put(entry: BundleEntry): Promise<void>;
}
