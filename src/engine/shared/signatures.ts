import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { readRegularFile } from '../base/regular-file.ts';

const LARGEST_KEY_BYTES = 64 * 1024;

export interface Signature {
  /** Names the public key. */
  readonly key: string;
  /** Base64. */
  readonly value: string;
}

/** Signs and checks records by Ed25519. */
export interface Signatures {
  /** Undefined where there is no private key. */
  sign(bytes: Uint8Array): Signature | undefined;
  /** Without any key, everything counts as rightly signed. */
  isTrusted(bytes: Uint8Array, signature: Signature | undefined): boolean;
}

/**
 * Reads keys, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them. The first private key signs. What any of them
 * has signed is trusted.
 * @throws {Failure} kind `usage` for files that hold no such key
 */
export function signatures(files: readonly string[]): Signatures {
  const keys = files.map(readKey);
  const signing = keys.find(({ type }) => type === 'private');
  const trusted = new Map(keys.map((key) => [nameOf(key), publicPart(key)]));
  return {
    sign: (bytes) => signing && { key: nameOf(signing), value: sign(null, bytes, signing).toString('base64') },
    isTrusted(bytes, signature) {
      if (trusted.size === 0) return true;
      const key = signature && trusted.get(signature.key);
      return key !== undefined && verify(null, bytes, key, Buffer.from(signature?.value ?? '', 'base64'));
    },
  };
}

function readKey(file: string): KeyObject {
  try {
    const text = readRegularFile(file, LARGEST_KEY_BYTES);
    const key = text.includes('PRIVATE KEY') ? createPrivateKey(text) : createPublicKey(text);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}`);
    return key;
  } catch (error) {
    throw new Failure(
      'usage',
      {
        fact: `${file} holds no Ed25519 key for the shared cache (${(error as Error).message})`,
        fix: `make one: openssl genpkey -algorithm ed25519 -out ${file}`,
      },
      { cause: error },
    );
  }
}

function publicPart(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

function nameOf(key: KeyObject): string {
  const encoded = publicPart(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(encoded).digest('hex').slice(0, 16);
}
