import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { serveMailbox } from '../../../../src/engine/api/units/serve-unit.ts';
import { codeFingerprint } from '../../../../src/engine/keys/bundle-cache.ts';
import manifest from '../../../../src/engine/package.json' with { type: 'json' };
import { Connection } from '../../../../src/engine/units/connection.ts';
import { MailboxWriter, mailboxOf } from '../../../../src/engine/units/mailbox.ts';
import { platformName, UNIT_PROTOCOL } from '../../../../src/engine/units/messages.ts';
import { temporaryFolder } from '../../store/fixtures.ts';

/** A unit behind a mailbox, and a run that says something and is gone then. */
async function unit() {
  const folder = join(temporaryFolder(), 'session');
  const served = serveMailbox(folder, 1, { workerFile: join(folder, 'none.cjs'), cache: temporaryFolder() });
  await vi.waitFor(() => expect(existsSync(folder)).toBe(true));
  const { toUnit, fromUnit } = mailboxOf(folder);
  const run = new Connection(new PassThrough(), new MailboxWriter(Promise.resolve(toUnit)), () => undefined);
  const [protocol, version, platform] = [UNIT_PROTOCOL, manifest.version, platformName()];
  const hello = { type: 'hello', protocol, version, run: 'run', root: folder, platform, compute: null, shared: null };
  return { served, run, hello, fromUnit };
}

describe('a unit whose run is gone without a word', () => {
  it('ends, although a job waits for what the run has not sent', async () => {
    const { served, run, hello, fromUnit } = await unit();
    run.send(hello);
    const code = codeFingerprint('nobody sends it', { imported: {}, packages: [] });
    const resources = { threads: 1, memoryBytes: 0, gpus: 0 };
    const job = { id: 1, node: 'a', key: 'k', stage: 'a', code, inputs: [], outputs: {}, secrets: [] };
    const demands = { limitSeconds: null, isAlone: false, resources, secrets: {}, enclosed: [], large: [] };
    run.send({ type: 'job', job, ...demands });
    await vi.waitFor(() => expect(readdirSync(fromUnit).length).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
    await served;
  });

  it('ends, although nobody reads what it has written', async () => {
    const { served, run, hello, fromUnit } = await unit();
    // As if so many were there unread: the writer waits for their reader.
    for (let number = 2; number <= 64; number++) {
      writeFileSync(join(fromUnit, String(number - 64).padStart(10, '0')), 'unread');
    }
    run.send(hello);
    run.send({ type: 'identify', compute: false });
    await served;
  });
});
