import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** A digest of everything that the command line is made of: its sources, and the versions of its packages. */
export function sourceDigest(root) {
  const hash = createHash('sha256');
  const sources = ['src', 'ui', 'python/vmfdag']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...sources.sort(), join(root, 'package-lock.json')]) {
    const content = readFileSync(file);
    hash.update(`${file.slice(root.length).replaceAll(sep, '/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
