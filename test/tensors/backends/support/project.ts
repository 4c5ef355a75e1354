import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The version of the project's TensorFlow.js. */
export const tfjsVersion = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json').version as string;

/** A folder that holds these files; it goes with the test. */
export function projectOf(files: Readonly<Record<string, string | object>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'vmfdag-compute-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

/** The manifest of an installed package, as an entry of `projectOf`. */
export function manifest(name: string, version: string, more: object = {}): Record<string, object> {
  return { [`node_modules/${name}/package.json`]: { name, version, ...more } };
}
