import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';

/**
 * A source has no code: what decides its output is the content itself. So the digest of the content is its fingerprint, and every rule about
 * code holds for it: keys, the history and the confirmation of a run.
 */
export function fingerprintOfContent(digest: ArtefactDigest): CodeFingerprint {
  const text: string = digest;
  return text as CodeFingerprint;
}

/** The digest of a source's output. */
export function contentOfFingerprint(code: CodeFingerprint): ArtefactDigest {
  const text: string = code;
  return text as ArtefactDigest;
}
