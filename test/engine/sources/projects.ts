import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SourcePlace, sourcePlace } from '../../../src/engine/sources/find-files.ts';
import type { NamedSource } from '../../../src/engine/sources/source-problem.ts';
import { temporaryFolder } from '../store/fixtures.ts';

/** A folder with files, and a source in its pipeline file. */
export interface SourceProject extends SourcePlace {
  readonly cacheDirectory: string;
  write(path: string, text: string): void;
}

export function sourceProject(files: Readonly<Record<string, string>> = {}): SourceProject {
  const root = temporaryFolder();
  const cacheDirectory = join(root, 'cache');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { ...sourcePlace(root, cacheDirectory), cacheDirectory, write };
}

export function sourceOf(content: NamedSource['content']): NamedSource {
  const range = { file: 'pipeline.yaml', line: 4, column: 3, length: 4, lineText: '  data: {…}' };
  return { name: 'data', content, range };
}
