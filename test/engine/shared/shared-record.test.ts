import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { NodeKey } from '../../../src/engine/base/digest.ts';
import { softwareDigest, type UsedSoftware } from '../../../src/engine/keys/software/used-software.ts';
import { decodeSharedRecord, encodeSharedRecord } from '../../../src/engine/shared/shared-record.ts';
import { signatures } from '../../../src/engine/shared/signatures.ts';
import { recordOf } from '../store/commits.ts';

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

function keyFiles(name: string): { readonly own: string; readonly open: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const [own, open] = [join(folder, `${name}.pem`), join(folder, `${name}.pub`)];
  writeFileSync(own, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }));
  return { own, open };
}

const record = recordOf('train/1' as never, { key: 'ab'.repeat(32) as NodeKey });
const shared = { record, metrics: [] };
const nobody = signatures([]);

describe('a shared record', () => {
  it('is read back without keys, signed or not', () => {
    const { own } = keyFiles('one');
    expect(decodeSharedRecord(encodeSharedRecord(shared, nobody), nobody)).toEqual(shared);
    expect(decodeSharedRecord(encodeSharedRecord(shared, signatures([own])), nobody)).toEqual(shared);
  });

  it('counts where a trusted key has signed it, and every changed byte of it does not', () => {
    const [mine, other, stranger] = [keyFiles('mine'), keyFiles('other'), keyFiles('stranger')];
    const signed = encodeSharedRecord(shared, signatures([mine.own]));
    expect(decodeSharedRecord(signed, signatures([mine.own]))).toEqual(shared);
    expect(decodeSharedRecord(signed, signatures([other.open, mine.open]))).toEqual(shared);
    expect(decodeSharedRecord(signed, signatures([stranger.open]))).toBeUndefined();
    expect(decodeSharedRecord(encodeSharedRecord(shared, nobody), signatures([mine.open]))).toBeUndefined();
    const trusting = signatures([mine.open]);
    for (let at = 0; at < signed.length; at++) {
      const changed = Uint8Array.from(signed);
      changed[at] = (changed[at] as number) ^ 1;
      const read = decodeSharedRecord(changed, trusting);
      // A bit of Base64's last character is outside of the signature's 64 bytes.
      if (read) expect(read).toEqual(shared);
    }
  });

  it('has no stamps of files of this machine, and a digest that says so', () => {
    const software: UsedSoftware = {
      programs: [
        { name: 'sh', path: '/bin/sh', file: { path: '/bin/dash', digest: '12', stamp: '1:2:3' }, version: null },
      ],
      settings: [],
      libraries: [],
      packages: [],
      modules: [],
      searched: [],
    };
    const used = { record: { ...record, software: softwareDigest(software) }, metrics: [], software };
    const read = decodeSharedRecord(encodeSharedRecord(used, nobody), nobody);
    expect(read?.software?.programs[0]?.file).toEqual({ path: '/bin/dash', digest: '12', stamp: null });
    expect(read?.record.software).toBe(softwareDigest(read?.software as UsedSoftware));
  });

  it.each([
    ['no line', Buffer.from('{"vmfdag":1}')],
    ['another format', Buffer.from(`{"vmfdag":99}\n${JSON.stringify(shared)}`)],
    ['no record', Buffer.from('{"vmfdag":1}\n{"metrics":[]}')],
    [
      'an output without a digest',
      Buffer.from(
        `{"vmfdag":1}\n${JSON.stringify({ metrics: [], record: { ...record, outputs: { out: { type: 'json', digest: '../../x', bytes: 1 } } } })}`,
      ),
    ],
  ])('is not read out of %s', (_what, bytes) => {
    expect(decodeSharedRecord(bytes, nobody)).toBeUndefined();
  });

  it('refuses files that hold no Ed25519 key', () => {
    const file = join(folder, 'rsa.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => signatures([file])).toThrow('holds no Ed25519 key');
    expect(() => signatures([join(folder, 'missing.pem')])).toThrow('openssl genpkey');
  });
});
