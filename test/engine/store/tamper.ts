import { type Database, open } from 'lmdb';
import { type AnyDigest, digestToBytes } from '../../../src/engine/base/digest.ts';

/** Changes a table of a cache behind the store's back. */
export async function tamper(
  folder: string,
  name: string,
  change: (table: Database<Buffer, Buffer>) => void,
): Promise<void> {
  const environment = open<Buffer, Buffer>({ path: folder, keyEncoding: 'binary', encoding: 'binary', maxDbs: 64 });
  change(environment.openDB<Buffer, Buffer>(name, { keyEncoding: 'binary', encoding: 'binary' }));
  await environment.close();
}

/** Turns one bit of an entry around. */
export function flipBit(folder: string, name: string, key: AnyDigest, byte: number): Promise<void> {
  return tamper(folder, name, (table) => {
    const bytes = Buffer.from(table.get(digestToBytes(key)) as Buffer);
    bytes.writeUInt8(bytes.readUInt8(byte) ^ 1, byte);
    table.putSync(digestToBytes(key), bytes);
  });
}
