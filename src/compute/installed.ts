import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Version of a package as a module in `fromDirectory` would get it; undefined when it is not installed. */
export function installedVersion(name: string, fromDirectory: string): string | undefined {
  try {
    const manifest = createRequire(join(fromDirectory, 'package.json')).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
