import { backendsOf } from '../../api/project/backends-of.ts';
import { formatTable } from '../../views/terminal/format.ts';
import { openProject, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface BackendsOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `vmfdag backends`: the backends for stages on this machine, the fastest first, and how to get the others. */
export async function backends({ json, ...options }: BackendsOptions): Promise<number> {
  const project = openProject(options);
  const { pipeline } = project;
  const listed = backendsOf(project);
  if (json) {
    printJson(listed);
    return 0;
  }
  if (pipeline.compute === undefined) {
    line(`${pipeline.file} names no compute provider: its stages do not compute`);
    return 0;
  }
  const rows = listed.map((backend) =>
    backend.kind === 'available'
      ? [backend.name, 'available', backend.version]
      : [backend.name, 'missing', `${backend.reason}: ${backend.fix}`],
  );
  line(formatTable([['backend', 'state', 'version, or how to get it'], ...rows]));
  return 0;
}
