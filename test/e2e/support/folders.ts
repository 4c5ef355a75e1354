import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { engine, repository } from './repository.ts';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A new folder that is removed when the test file has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-e2e-'));
  folders.push(folder);
  return folder;
}

/** Gives a project the packages of this repository, in a node_modules of its own that the engine may write to. */
export function linkPackages(folder: string, names: readonly string[] = installedPackages()): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of names) symlinkSync(join(repository, 'node_modules', name), join(modules, name));
}

/** Makes the engine of the repository the package `vmfdag` of a project, as `npm install vmfdag` would. */
export function linkVmfdag(folder: string): void {
  symlinkSync(engine, join(folder, 'node_modules/vmfdag'));
}

export function copyFromRepository(folder: string, paths: readonly string[]): void {
  for (const path of paths) cpSync(join(repository, path), join(folder, path), { recursive: true });
}

function installedPackages(): readonly string[] {
  return readdirSync(join(repository, 'node_modules')).filter((name) => !name.startsWith('.'));
}
