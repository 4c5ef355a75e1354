import { appendFileSync, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binding } from '../tensors/backends/onednn/native.ts';
import { temporaryFolder } from './support/folders.ts';
import { Project } from './support/project.ts';
import { repository } from './support/repository.ts';

interface Finding {
  readonly what: string;
  readonly detail: string;
}

/** The version of the native backend that would be in the keys. */
async function versionWith(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await new Project(repository).execute(['doctor', '--json'], { env });
  const findings = JSON.parse(stdout) as readonly Finding[];
  return findings.find(({ what }) => what === 'backend onednn')?.detail ?? '';
}

describe.skipIf(binding === undefined)('the identity of the native backend', () => {
  it.skipIf(process.arch !== 'x64')('is another with another instruction set', async () => {
    const [avx2, sse41] = [
      await versionWith({ ONEDNN_MAX_CPU_ISA: 'AVX2' }),
      await versionWith({ ONEDNN_MAX_CPU_ISA: 'SSE41' }),
    ];
    expect(avx2).toMatch(/oneDNN [\d.]+ [0-9a-f]{16}, avx2 0x7, own avx2, /);
    expect(sse41).toMatch(/oneDNN [\d.]+ [0-9a-f]{16}, sse41 0x1, own none, /);
  });

  it('is another where the library of the same name and version has other bytes', async () => {
    const { libraryFile } = binding?.describe() ?? {};
    if (libraryFile === undefined || !existsSync(libraryFile)) return;
    const folder = temporaryFolder();
    const copy = join(folder, basename(libraryFile));
    copyFileSync(realpathSync(libraryFile), copy);
    const digestOf = (version: string): string => version.match(/oneDNN [\d.]+ (\w+)/)?.[1] ?? '';
    const before = digestOf(await versionWith({}));
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    // The same bytes elsewhere are the same library.
    expect(digestOf(await versionWith({ LD_LIBRARY_PATH: folder }))).toBe(before);
    appendFileSync(copy, 'rebuilt');
    expect(digestOf(await versionWith({ LD_LIBRARY_PATH: folder }))).not.toBe(before);
  });

  it('allows no more threads than the environment gives', async () => {
    const { stdout, code } = await new Project(repository).execute(['backends', '--json'], {
      env: { OMP_THREAD_LIMIT: '1' },
    });
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as readonly { name: string; maximumThreads?: number }[];
    expect(listed.find(({ name }) => name === 'onednn')?.maximumThreads).toBe(1);
  });
});
