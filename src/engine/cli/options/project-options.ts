import { parseOverride } from '../../api/project/parse-override.ts';
import { openProject as open, type Project, type ProjectSource } from '../../api/project/project.ts';

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
export function projectSource({ file, cache, profile, executor, set = [] }: ProjectOptions): ProjectSource {
  return {
    file,
    ...(cache === undefined ? {} : { cache }),
    ...(profile === undefined ? {} : { profile }),
    ...(executor === undefined ? {} : { executor }),
    overrides: set.map((text) => parseOverride(text)),
  };
}
