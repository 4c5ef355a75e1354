import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface InstalledPackage {
  readonly version: string;
  readonly directory: string;
}

/** A package as a module in `fromDirectory` would get it; undefined when it is not installed. */
export function installedPackage(name: string, fromDirectory: string): InstalledPackage | undefined {
  try {
    const manifest = createRequire(join(fromDirectory, 'package.json')).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? { version, directory: dirname(manifest) } : undefined;
  } catch {
    return undefined;
  }
}

/** Version of a package as a module in `fromDirectory` would get it; undefined when it is not installed. */
export function installedVersion(name: string, fromDirectory: string): string | undefined {
  return installedPackage(name, fromDirectory)?.version;
}
