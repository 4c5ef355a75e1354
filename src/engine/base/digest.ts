import { hash } from 'node:crypto';
import { type Canonical, canonicalView } from './canonical.ts';

declare const brand: unique symbol;

/** Lower-case hexadecimal SHA-256. The three kinds below are the same text and must never be mixed up. */
type Sha256<Kind extends string> = string & { readonly [brand]: Kind };

/** Digest of an artefact's bytes. */
export type ArtefactDigest = Sha256<'artefact'>;
/** Digest of the code that a stage runs: its bundle and the versions of the packages it reaches. */
export type CodeFingerprint = Sha256<'code'>;
/** Digest of everything that a node's result depends on. */
export type NodeKey = Sha256<'node'>;

export type AnyDigest = ArtefactDigest | CodeFingerprint | NodeKey;

/** SHA-256 of bytes, as hexadecimal text branded by its use. */
export function digestBytes<D extends AnyDigest>(bytes: Uint8Array | string): D {
  return hash('sha256', bytes, 'hex') as D;
}

/** SHA-256 of a value's canonical bytes. */
export function digestValue<D extends AnyDigest>(value: Canonical): D {
  return digestBytes<D>(canonicalView(value));
}

/** The 32 bytes behind a digest. */
export function digestToBytes(digest: AnyDigest): Buffer {
  return Buffer.from(digest, 'hex');
}

/** Reads a digest back from its 32 bytes. */
export function digestFromBytes<D extends AnyDigest>(bytes: Uint8Array): D {
  if (bytes.length !== 32) throw new RangeError(`a digest has 32 bytes, not ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString('hex') as D;
}

/** The first twelve characters: enough to recognise an artefact on a screen. */
export function shortDigest(digest: AnyDigest): string {
  return digest.slice(0, 12);
}
