import { openProject as open, type Project, type ProjectSource } from '../../api/project/project.ts';
import { Failure } from '../../base/failure.ts';
import type { ParamOverride } from '../../pipeline/load-pipeline.ts';

export { cacheDirectory, type Project } from '../../api/project/project.ts';

/** The options that every command which reads a pipeline has. */
export interface ProjectOptions extends Omit<ProjectSource, 'overrides'> {
  readonly set?: readonly string[];
}

/** Reads the pipeline file. */
export function openProject(options: ProjectOptions): Project {
  return open(projectSource(options));
}

/** What these options say about the pipeline file. */
export function projectSource({ file, cache, profile, set = [] }: ProjectOptions): ProjectSource {
  return {
    file,
    ...(cache === undefined ? {} : { cache }),
    ...(profile === undefined ? {} : { profile }),
    overrides: set.map(parseOverride),
  };
}

function parseOverride(text: string): ParamOverride {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    throw new Failure('usage', {
      fact: `--set ${text}: there is no "path=value" in this`,
      fix: 'write for example --set compute.threads=2',
    });
  }
  return { path: text.slice(0, equals), value: text.slice(equals + 1), origin: `--set ${text}` };
}
