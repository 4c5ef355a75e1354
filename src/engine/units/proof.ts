import { createHmac, timingSafeEqual } from 'node:crypto';

export const TOKEN_BYTES = 32;
export const NONCE_BYTES = 32;
export const PROOF_BYTES = 32;
/** Of the number of a slot. */
export const SLOT_BYTES = 8;

/** Shows that a side knows the token. `said` is the slot's number and the random bytes of both sides, so that no proof fits twice. */
export function proofOf(token: Buffer, side: 'unit' | 'run', said: Buffer): Buffer {
  return createHmac('sha256', token).update(`vmfdag ${side}`).update(said).digest();
}

/** Compares in a time that tells nothing. */
export function isProof(given: Buffer, token: Buffer, side: 'unit' | 'run', said: Buffer): boolean {
  return given.length === PROOF_BYTES && timingSafeEqual(given, proofOf(token, side, said));
}
