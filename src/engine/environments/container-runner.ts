import { lookUp } from '../keys/software/look-up.ts';
import type { ContainerEnvironment, ContainerRunner } from '../pipeline/stages/program-environment.ts';

/** What runs a command in a root folder. */
export const BUBBLEWRAP = 'bwrap';

/** What runs an image: the one that is asked for, or the first that the machine has. */
export function runnerOf({ runner }: Extract<ContainerEnvironment, { tool: 'image' }>): ContainerRunner {
  return runner ?? (lookUp('podman') === undefined && lookUp('docker') !== undefined ? 'docker' : 'podman');
}
