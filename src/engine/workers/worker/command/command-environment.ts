import type { Job } from '../../protocol.ts';
import type { CommandFolder } from './command-folder.ts';

/** These locate programs and settings of the user. */
const PASSED = ['PATH', 'HOME'];

/** All that a command sees of the environment. The rest of it may differ from one machine to the next, and is in no key. */
export function commandEnvironment(
  { surroundings, secrets }: Job,
  { temporary, paramsFile, eventsFile }: CommandFolder,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const passed: NodeJS.ProcessEnv = {};
  for (const name of PASSED) if (environment[name] !== undefined) passed[name] = environment[name];
  const fixed = { LANG: 'C.UTF-8', TZ: 'UTC', TMPDIR: temporary };
  const declared: NodeJS.ProcessEnv = {};
  for (const name of [...Object.keys(surroundings.variables), ...secrets]) {
    if (environment[name] !== undefined) declared[name] = environment[name];
  }
  return { ...passed, ...fixed, ...declared, VMFDAG_PARAMS: paramsFile, VMFDAG_EVENTS: eventsFile };
}
