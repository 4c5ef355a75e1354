import type { Database } from 'lmdb';
import { type CodeFingerprint, digestToBytes } from '../../base/digest.ts';
import { type BundleCache, codeFingerprint, type FileStamp, type StageCode } from '../../keys/bundle-cache.ts';
import { decodedOr, decodeJson, encodeJson, nameKey } from './encoding.ts';

interface StoredStamp {
  readonly fingerprint: CodeFingerprint;
  readonly files: readonly FileStamp[];
}

/** Keeps stages' code by fingerprint, and the file times that spare bundling it again. */
export function lmdbBundleCache(
  stamps: Database<Buffer, Buffer>,
  code: Database<Buffer, Buffer>,
  write: (fact: string, puts: () => void) => Promise<void>,
): BundleCache {
  return {
    stamp(name) {
      const found = stamps.get(nameKey(name));
      const stamp = found && decodeJson<StoredStamp>(found);
      // Without its code, what the stamp spares would be missing when it is to be executed.
      return stamp && code.doesExist(digestToBytes(stamp.fingerprint)) ? stamp : undefined;
    },
    code(fingerprint) {
      const found = code.get(digestToBytes(fingerprint));
      return found && soundCode(fingerprint, found);
    },
    put(stageCode, stamp) {
      return write('cannot write the code of a stage', () => {
        code.put(digestToBytes(stageCode.fingerprint), encodeJson(stageCode));
        if (!stamp) return;
        const stored: StoredStamp = { fingerprint: stageCode.fingerprint, files: stamp.files };
        stamps.put(nameKey(stamp.name), encodeJson(stored));
      });
    },
  };
}

/** The code, if it is what its fingerprint was made from. */
export function soundCode(fingerprint: CodeFingerprint, encoded: Buffer): StageCode | undefined {
  const stageCode = decodedOr(() => decodeJson<StageCode>(encoded));
  const isSound =
    typeof stageCode?.text === 'string' &&
    Array.isArray(stageCode.packages) &&
    codeFingerprint(stageCode.text, stageCode.packages) === fingerprint;
  return isSound ? stageCode : undefined;
}
