import type { Database } from 'lmdb';
import { type CodeFingerprint, digestToBytes } from '../../base/digest.ts';
import type { BundleCache, FileStamp, StageCode } from '../../keys/bundle-cache.ts';
import { decodeJson, encodeJson, nameKey } from './encoding.ts';

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
      return found && decodeJson<StoredStamp>(found);
    },
    code(fingerprint) {
      const found = code.get(digestToBytes(fingerprint));
      return found && decodeJson<StageCode>(found);
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
