import { relative, resolve } from 'node:path';
import { archiveTargets } from '../../api/archive/archive-target.ts';
import { withStore } from '../../api/cache/open-cache.ts';
import { formatBytes, formatCount } from '../../views/terminal/format.ts';
import { openProject, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface ArchiveOptions extends ProjectOptions {
  readonly output?: string;
  readonly json?: boolean;
}

/** `vmfdag archive TARGET…`: one zip with the files of targets and how they were made. */
export function archive(targets: readonly string[], options: ArchiveOptions): Promise<number> {
  const project = openProject(options);
  const name = `${project.pipeline.name}-${targets.join('-')}`.replace(/[^A-Za-z0-9_.+-]+/g, '-');
  const file = resolve(options.output ?? `${name}.zip`);
  return withStore(project.cacheDirectory, async (store) => {
    const written = await archiveTargets(project, targets, file, store);
    if (options.json) printJson(written);
    else {
      const what = `${formatCount(written.results.length, 'file')}, ${formatCount(written.records, 'record')}`;
      line(`${relative(process.cwd(), file) || file}  ${formatBytes(written.bytes)}: ${what}`);
    }
    return 0;
  });
}
