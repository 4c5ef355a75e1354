import { type CodeFingerprint, digestToBytes } from '../../base/digest.ts';
import { type BundleCache, type BundleStamp, type StageCode, soundCode } from '../../keys/bundle-cache.ts';
import type { PackageFacts } from '../../keys/package-content.ts';
import type { KeptPythonCode } from '../../keys/python/python-code.ts';
import { decodedOr, decodeJson, encodeJson, nameKey } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

interface StoredStamp extends BundleStamp {
  readonly fingerprint: CodeFingerprint;
}

/** No stage can have this name. */
const packageKey = (directory: string) => nameKey(`package\0${directory}`);

/** Keeps the code of stages by fingerprint, and what it was made from, which saves bundling it again. */
export function lmdbBundleCache(
  stamps: SealedTable,
  code: SealedTable,
  write: (fact: string, puts: () => void) => Promise<void>,
): BundleCache {
  /** Call it only inside a transaction. */
  const putFacts = (packages: ReadonlyMap<string, PackageFacts>): void => {
    for (const [directory, facts] of packages) stamps.put(packageKey(directory), encodeJson(facts));
  };
  return {
    stamp(name) {
      const found = stamps.get(nameKey(name));
      const stamp = found && decodedOr(() => decodeJson<StoredStamp>(found));
      // A stamp without its code would save the bundling, and the code would be missing when the stage runs.
      return stamp && code.has(digestToBytes(stamp.fingerprint)) ? stamp : undefined;
    },
    packageFacts(directory) {
      const found = stamps.get(packageKey(directory));
      return found && decodedOr(() => decodeJson<PackageFacts>(found));
    },
    code(fingerprint) {
      const found = code.get(digestToBytes(fingerprint));
      return found && decodedCode(fingerprint, found);
    },
    putPackages(packages) {
      return write('cannot write what was read of packages', () => putFacts(packages));
    },
    pythonCode(name) {
      const found = stamps.get(nameKey(name));
      return found && decodedOr(() => decodeJson<KeptPythonCode>(found));
    },
    putPythonCode(name, kept) {
      return write('cannot write what was read of Python code', () => stamps.put(nameKey(name), encodeJson(kept)));
    },
    put({ code: stageCode, stamp, packages }) {
      return write('cannot write the code of a stage', () => {
        code.put(digestToBytes(stageCode.fingerprint), encodeJson(stageCode));
        putFacts(packages);
        if (!stamp) return;
        const { name, ...made } = stamp;
        const stored: StoredStamp = { ...made, fingerprint: stageCode.fingerprint };
        stamps.put(nameKey(name), encodeJson(stored));
      });
    },
  };
}

/** Where nothing can be written, new code is kept as long as this process lives. */
export function withCodeInMemory(bundles: BundleCache): BundleCache {
  const made = new Map<CodeFingerprint, StageCode>();
  return {
    ...bundles,
    code: (fingerprint) => made.get(fingerprint) ?? bundles.code(fingerprint),
    async putPythonCode() {},
    async put({ code }) {
      made.set(code.fingerprint, code);
    },
  };
}

/** The code, if it matches the fingerprint. */
export function decodedCode(fingerprint: CodeFingerprint, encoded: Buffer): StageCode | undefined {
  return soundCode(
    fingerprint,
    decodedOr(() => decodeJson<StageCode>(encoded)),
  );
}
