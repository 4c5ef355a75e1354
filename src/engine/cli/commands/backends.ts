import { dirname, resolve } from 'node:path';
import { listBackends } from '../../../tensors/backends/available.ts';
import { formatTable } from '../../views/terminal/format.ts';
import { line, printJson } from '../output.ts';
import type { ProjectOptions } from '../project.ts';

export interface BackendsOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `vmfdag backends`: with what stages can compute here, the fastest first, and what it takes to have the others. */
export async function backends({ file, json }: BackendsOptions): Promise<number> {
  const listed = listBackends(dirname(resolve(file)));
  if (json) {
    printJson(listed);
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
