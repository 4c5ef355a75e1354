import { delimiter, join } from 'node:path';
import { isOfTool, programFolder, variablesOf } from '../../../environments/program-line.ts';
import { pythonFolder } from '../../../keys/python/python-folder.ts';
import { isContainer, type ProgramEnvironment } from '../../../pipeline/stages/program-environment.ts';
import type { Job, WorkerSetup } from '../../protocol.ts';
import type { CommandFolder } from './command-folder.ts';

/** These locate programs and settings of the user. */
const PASSED = ['PATH', 'HOME'];

/** What a command is started with. */
export interface CommandEnvironment {
  /** What locates programs, and settings of them. They are not seen in a container. */
  readonly passed: NodeJS.ProcessEnv;
  readonly own: NodeJS.ProcessEnv;
}

/** All that a command sees of the environment, which includes what its `source` of programs needs, and what starts the audit of Python processes. The rest of it may differ from one machine to the next, and is in no key. */
export function commandEnvironment(
  { surroundings, secrets }: Job,
  { path, temporary, paramsFile, eventsFile, audit }: CommandFolder,
  { root, cacheDirectory }: Pick<WorkerSetup, 'root' | 'cacheDirectory'>,
  source: ProgramEnvironment | undefined,
  environment: NodeJS.ProcessEnv,
): CommandEnvironment {
  const passed: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    if (PASSED.includes(name) || (source && isOfTool(source, name))) passed[name] = value;
  }
  const programs = source && programFolder(source, root);
  if (programs !== undefined) passed.PATH = [programs, passed.PATH].filter(Boolean).join(delimiter);
  const fixed = { LANG: 'C.UTF-8', TZ: 'UTC', TMPDIR: temporary };
  const declared: NodeJS.ProcessEnv = {};
  for (const name of [...Object.keys(surroundings.variables), ...secrets]) {
    if (environment[name] !== undefined) declared[name] = environment[name];
  }
  const gpus = environment.CUDA_VISIBLE_DEVICES;
  const assigned = surroundings.gpus === undefined || gpus === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpus };
  const own = { VMFDAG_PARAMS: paramsFile, VMFDAG_EVENTS: eventsFile, ...assigned };
  const audited = {
    // Python imports sitecustomize from there at its start.
    PYTHONPATH: [join(pythonFolder(), 'vmfdag/_site'), declared.PYTHONPATH].filter(Boolean).join(delimiter),
    VMFDAG_AUDIT: audit,
    VMFDAG_AUDIT_ROOT: root,
    VMFDAG_AUDIT_IGNORE: [path, cacheDirectory].join(delimiter),
  };
  const found = source && !isContainer(source) ? variablesOf(source, root) : {};
  return { passed, own: { ...fixed, ...found, ...declared, ...own, ...audited } };
}
