import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binding } from '../../tensors/backends/onednn/native.ts';
import { temporaryFolder } from '../support/folders.ts';
import { Project } from '../support/project.ts';
import { repository } from '../support/repository.ts';

interface Listed {
  readonly name: string;
  readonly version?: string;
  readonly maximumThreads?: number;
}

const LIST = `const { listBackends } = await import('tfjs-backend-onednn/compute-provider');
console.log(JSON.stringify(listBackends(process.cwd())));`;

/** What the provider says of the native backend in a process with these variables. */
function listedWith(env: Readonly<Record<string, string>>): Listed | undefined {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', LIST], {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return (JSON.parse(stdout) as readonly Listed[]).find(({ name }) => name === 'onednn');
}

/** The version of the native backend that would be in the keys. */
const versionWith = (env: Readonly<Record<string, string>>): string => listedWith(env)?.version ?? '';

describe.skipIf(binding === undefined)('the identity of the native backend', () => {
  it.skipIf(process.arch !== 'x64')('differs with the instruction set', async () => {
    const [avx2, sse41] = [versionWith({ ONEDNN_MAX_CPU_ISA: 'AVX2' }), versionWith({ ONEDNN_MAX_CPU_ISA: 'SSE41' })];
    expect(avx2).toMatch(/oneDNN [\d.]+ [0-9a-f]{16}, avx2 0x7, own avx2, /);
    expect(sse41).toMatch(/oneDNN [\d.]+ [0-9a-f]{16}, sse41 0x1, own none, /);
  });

  it('differs where the library of the same name and version has other bytes', async () => {
    const { libraryFile } = binding?.describe() ?? {};
    if (libraryFile === undefined || !existsSync(libraryFile)) return;
    const folder = temporaryFolder();
    const copy = join(folder, basename(libraryFile));
    copyFileSync(realpathSync(libraryFile), copy);
    const digestOf = (version: string): string => version.match(/oneDNN [\d.]+ (\w+)/)?.[1] ?? '';
    const before = digestOf(versionWith({}));
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    // The same bytes elsewhere are the same library.
    expect(digestOf(versionWith({ LD_LIBRARY_PATH: folder }))).toBe(before);
    appendFileSync(copy, 'rebuilt');
    expect(digestOf(versionWith({ LD_LIBRARY_PATH: folder }))).not.toBe(before);
  });

  it('allows no more threads than the environment gives', () => {
    expect(listedWith({ OMP_THREAD_LIMIT: '1' })?.maximumThreads).toBe(1);
  });

  it('is that of the workers: a variable that they do not get changes nothing', async () => {
    const doctor = async (env: Readonly<Record<string, string>>) =>
      (await new Project(repository).execute(['doctor'], { env })).stdout.match(/backend onednn: (.*)/)?.[1];
    expect(await doctor({ ONEDNN_MAX_CPU_ISA: 'SSE41' })).toBe(versionWith({}));
  });
});
