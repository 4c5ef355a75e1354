import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readRegularFile } from '../base/regular-file.ts';

const MANIFEST_LIMIT = 16 * 1024 * 1024;

export interface InstalledPackage {
  readonly version: string;
  readonly directory: string;
}

/** A package as a module in `fromDirectory` would get it; undefined when it is not installed. */
export function installedPackage(name: string, fromDirectory: string): InstalledPackage | undefined {
  try {
    const manifest = createRequire(join(fromDirectory, 'package.json')).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readRegularFile(manifest, MANIFEST_LIMIT).toString('utf8')) as { version?: unknown };
    return typeof version === 'string' ? { version, directory: dirname(manifest) } : undefined;
  } catch {
    return undefined;
  }
}

/** Version of a package as a module in `fromDirectory` would get it; undefined when it is not installed. */
export function installedVersion(name: string, fromDirectory: string): string | undefined {
  return installedPackage(name, fromDirectory)?.version;
}
