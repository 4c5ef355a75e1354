import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MailboxReader, MailboxWriter, mailboxOf, makeMailbox } from '../../../src/engine/units/mailbox.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-mailbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function all(reader: MailboxReader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of reader) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a mailbox', () => {
  it('carries any bytes in their order, and leaves no file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 30 }), async (parts) => {
        const { toUnit } = await makeMailbox(join(temporaryFolder(), 'session'));
        const writer = new MailboxWriter(Promise.resolve(toUnit));
        const read = all(new MailboxReader(Promise.resolve(toUnit)));
        for (const [index, part] of parts.entries()) {
          writer.write(part);
          if (index % 7 === 3) await sleep(1);
        }
        writer.end();
        expect(Buffer.compare(await read, Buffer.concat(parts))).toBe(0);
        expect(readdirSync(toUnit)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps what is written before anybody knows where', async () => {
    const folder = temporaryFolder();
    let resolve: (folder: string) => void = () => {};
    const later = new Promise<string>((done) => {
      resolve = done;
    });
    const writer = new MailboxWriter(later);
    writer.end(Buffer.from('early'));
    await sleep(20);
    const { toUnit } = await makeMailbox(join(folder, 'session'));
    resolve(toUnit);
    expect((await all(new MailboxReader(Promise.resolve(toUnit)))).toString()).toBe('early');
  });

  it('is not filled for a reader that does not read', async () => {
    const { fromUnit } = await makeMailbox(join(temporaryFolder(), 'session'));
    const writer = new MailboxWriter(Promise.resolve(fromUnit));
    const part = randomBytes(100_000);
    for (let index = 0; index < 300; index++) {
      if (!writer.write(part)) await Promise.race([new Promise((done) => writer.once('drain', done)), sleep(30)]);
    }
    await sleep(200);
    expect(readdirSync(fromUnit).length).toBeLessThanOrEqual(65);
    const read = all(new MailboxReader(Promise.resolve(fromUnit)));
    writer.end();
    expect(await read).toHaveLength(300 * part.length);
  });

  it('ends with its reader', async () => {
    const { toUnit } = await makeMailbox(join(temporaryFolder(), 'session'));
    const reader = new MailboxReader(Promise.resolve(toUnit));
    const ended = all(reader).catch(() => 'destroyed');
    await sleep(30);
    reader.destroy();
    expect(await ended).toBe('destroyed');
  });

  it('appears whole', async () => {
    const folder = join(temporaryFolder(), 'session');
    const making = makeMailbox(folder);
    if (existsSync(folder)) expect(existsSync(mailboxOf(folder).fromUnit)).toBe(true);
    await making;
    expect(readdirSync(folder).sort()).toEqual(['from-unit', 'to-unit']);
  });
});
