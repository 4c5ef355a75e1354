import { dirname, resolve } from 'node:path';
import {
  type ContainerEnvironment,
  isContainer,
  type ProgramEnvironment,
} from '../pipeline/stages/program-environment.ts';

/** A program with its arguments. */
export interface ProgramLine {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** The line that starts a program in an environment that is no container. @param root the pipeline's folder */
export function lineIn(
  environment: Exclude<ProgramEnvironment, ContainerEnvironment>,
  root: string,
  { program, arguments: rest }: ProgramLine,
): ProgramLine {
  switch (environment.tool) {
    case 'uv': {
      // It was brought up to date before the run: nodes that run at the same time must not install anything.
      const options = ['run', '--frozen', '--no-sync', '--project', projectOf(environment.lock, root)];
      return { program: 'uv', arguments: [...options, '--', program, ...rest] };
    }
    case 'conda': {
      const place = environment.by === 'prefix' ? ['-p', resolve(root, environment.place)] : ['-n', environment.place];
      return { program: 'micromamba', arguments: ['run', ...place, program, ...rest] };
    }
    case 'pixi': {
      // As it is: it neither installs nor writes the lock file. A task of the same name is not meant.
      const options = ['run', '--as-is', '--executable', '--manifest-path', projectOf(environment.lock, root)];
      return { program: 'pixi', arguments: [...options, '-e', environment.name, program, ...rest] };
    }
    case 'pip':
    case 'renv':
      return { program, arguments: rest };
  }
}

/** The folder of the project to which a lock file belongs. */
export function projectOf(lock: string, root: string): string {
  return dirname(resolve(root, lock));
}

/** The folder whose programs come before those of PATH: `python` is then that of the environment. */
export function programFolder(environment: ProgramEnvironment, root: string): string | undefined {
  if (environment.tool !== 'pip' && environment.tool !== 'renv') return undefined;
  return environment.interpreter.includes('/') ? dirname(resolve(root, environment.interpreter)) : undefined;
}

/** Variables by which programs find an environment. */
export function variablesOf(environment: ProgramEnvironment, root: string): Readonly<Record<string, string>> {
  if (environment.tool !== 'renv') return {};
  const project = projectOf(environment.lock, root);
  // Each R of the command loads the project as one that is started in its folder does, and compares nothing.
  return {
    R_PROFILE_USER: resolve(project, ACTIVATION),
    RENV_PROJECT: project,
    RENV_CONFIG_SYNCHRONIZED_CHECK: 'FALSE',
  };
}

/** The script of renv that loads a project. */
export const ACTIVATION = 'renv/activate.R';

/** Variables that say where a tool keeps its environments, and from where it fills them. None is meant to change a result. */
const OF_TOOLS: Readonly<Record<string, RegExp>> = {
  uv: /^(UV_|SSL_CERT_|(https?|no|all)_proxy$)/i,
  conda: /^MAMBA_/,
  pixi: /^(PIXI_HOME|PIXI_CACHE_DIR|RATTLER_CACHE_DIR)$/,
  renv: /^RENV_PATHS_/,
  image:
    /^(XDG_RUNTIME_DIR|XDG_CONFIG_HOME|XDG_DATA_HOME|DBUS_SESSION_BUS_ADDRESS|CONTAINERS?_|DOCKER_|APPTAINER_(CACHEDIR|TMPDIR|CONFIGDIR)$)/,
};

export function isOfTool({ tool }: ProgramEnvironment, variable: string): boolean {
  return OF_TOOLS[tool]?.test(variable) ?? false;
}

/** The environment's name in messages. */
export function nameOf(environment: ProgramEnvironment): string {
  if (!isContainer(environment)) return environment.lock;
  return environment.tool === 'image' ? environment.image : environment.root;
}
