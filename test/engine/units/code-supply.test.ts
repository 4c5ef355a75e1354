import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deferred } from '../../../src/engine/base/deferred.ts';
import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { codeFingerprint, type ModuleCode } from '../../../src/engine/keys/bundle-cache.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { CodeSupply } from '../../../src/engine/units/code-supply.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const NO_PACKAGES = { imported: {}, packages: [] };

function code(text: string): ModuleCode {
  return {
    kind: 'module',
    fingerprint: codeFingerprint(text, NO_PACKAGES),
    text,
    sourceMap: '',
    packages: NO_PACKAGES,
  };
}

function begin() {
  const store = openStore(temporaryFolder());
  store.writeAmongOthers('test');
  onTestFinished(() => store.close());
  const asked: string[] = [];
  const ensure = vi.fn(async () => {});
  const supply = new CodeSupply(store, { ensure } as never, (question) => {
    asked.push(question.type === 'wantCode' ? question.fingerprint : question.content);
  });
  const answer = (sent: ModuleCode) => supply.takeCode(sent.fingerprint, Buffer.from(JSON.stringify(sent)));
  /** Of packages that this machine lacks. */
  const place = (...missing: readonly string[]) => ({
    root: temporaryFolder(),
    cacheDirectory: temporaryFolder(),
    checks: { missingPackages: () => missing.map((content) => ({ name: content, content })) } as never,
  });
  return { store, supply, asked, answer, place, ensure };
}

describe('code from the run', () => {
  it('is asked for once, and is in the cache before anybody has it', async () => {
    const { store, supply, asked, answer } = begin();
    const put = store.bundles.put.bind(store.bundles);
    const isKept = deferred<void>();
    vi.spyOn(store.bundles, 'put').mockImplementation(async (entry) => {
      await isKept.promise;
      await put(entry);
    });
    const sent = code('text');
    const found: string[] = [];
    const all = [1, 2, 3].map(async () => {
      await supply.code(sent.fingerprint);
      store.refresh();
      found.push(store.bundles.code(sent.fingerprint)?.fingerprint ?? 'none');
    });
    answer(sent);
    await new Promise((done) => setTimeout(done, 50));
    expect(found).toEqual([]);
    isKept.resolve();
    await Promise.all(all);
    expect(found).toEqual([sent.fingerprint, sent.fingerprint, sent.fingerprint]);
    expect(asked).toEqual([sent.fingerprint]);
    expect(supply.isAsking).toBe(false);
  });

  it('is asked for again after it could not be kept', async () => {
    const { store, supply, asked, answer } = begin();
    const sent = code('text');
    vi.spyOn(store.bundles, 'put').mockRejectedValueOnce(new Error('no room'));
    const first = supply.code(sent.fingerprint);
    answer(sent);
    await expect(first).rejects.toThrow('no room');
    const second = supply.code(sent.fingerprint);
    answer(sent);
    expect(await second).toMatchObject({ text: 'text' });
    expect(asked).toHaveLength(2);
  });

  it('is not waited for once nothing more comes, whenever somebody asks', async () => {
    const { supply, place } = begin();
    const early = supply.code(code('early').fingerprint);
    const packages = supply.packages(code('of packages'), place('one', 'two', 'three'));
    supply.end();
    await expect(early).rejects.toThrow('not in the cache of the run');
    await expect(supply.code(code('late').fingerprint)).rejects.toThrow('not in the cache of the run');
    await packages;
    await supply.packages(code('of others'), place('four', 'five'));
    expect(supply.isAsking).toBe(false);
  });
});

describe('packages from the run', () => {
  it('that could not be brought are tried again for the next job', async () => {
    const { supply, place, ensure, asked } = begin();
    ensure.mockRejectedValueOnce(new Error('no room'));
    const where = place('one');
    const first = supply.packages(code('text'), where);
    supply.takePackage('one', 'd'.repeat(64) as ArtefactDigest);
    await expect(first).rejects.toThrow('no room');
    ensure.mockRejectedValueOnce(new Error('still no room'));
    await expect(supply.packages(code('text'), where)).rejects.toThrow('still no room');
    // The answer of the run is known.
    expect(asked).toEqual(['one']);
  });
});
